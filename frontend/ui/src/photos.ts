// Makes photos smaller on the device before they are sent, and shows them. A
// photo the device cannot read is sent as it is: the server decides.
const longest = 1600;
const target = 200 * 1024;

const toBlob = (canvas: HTMLCanvasElement, quality: number) =>
  new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));

async function shrink(file: File): Promise<File> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  for (let side = longest, quality = 0.82; ; side *= 0.8, quality -= 0.06) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await toBlob(canvas, quality);
    if (!blob) return file;
    if (blob.size <= target || quality < 0.5) {
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    }
  }
}

function preview(box: HTMLElement, files: File[]): void {
  for (const old of box.querySelectorAll(".photos__item--new")) old.remove();
  for (const file of files) {
    const item = document.createElement("div");
    const image = document.createElement("img");
    item.className = "photos__item photos__item--new";
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    image.onload = () => URL.revokeObjectURL(image.src);
    item.append(image);
    box.querySelector(".photos__add")?.before(item);
  }
}

export function photos(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-photos]")) {
    const input = box.querySelector<HTMLInputElement>("input[type=file]");
    const status = box.parentElement?.querySelector<HTMLElement>(".photos__status");
    if (!input || !status) continue;
    box.classList.add("photos--ready");
    input.addEventListener("change", async () => {
      const { preparing = "", ready = "", failed = "" } = box.dataset;
      status.textContent = preparing;
      const files = [...(input.files ?? [])];
      const small = await Promise.allSettled(files.map(shrink));
      const sent = new DataTransfer();
      small.forEach((r, i) => sent.items.add(r.status === "fulfilled" ? r.value : files[i]!));
      input.files = sent.files;
      preview(box, [...sent.files]);
      const size = [...sent.files].reduce((sum, f) => sum + f.size, 0);
      const broken = small.some((r) => r.status === "rejected");
      status.textContent = broken ? failed : ready.replace("{size}", `${Math.ceil(size / 1024)} KB`);
    });
  }
}
