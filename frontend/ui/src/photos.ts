// Makes photos smaller on the device before they are sent, shows them, and
// sends them in parts while the rest of the form is filled in. A photo the
// device cannot read is sent as it is: the server decides. A photo that has not
// arrived goes with the form, as it does without script.
import { placeOf } from "./place";
import { send } from "./upload";

const longest = 1600;
const target = 200 * 1024;

interface Shot {
  file: File;
  place: string; // "16.46370,107.59090", or empty
  id: string;
  sent: boolean;
}

const toBlob = (canvas: HTMLCanvasElement, quality: number) =>
  new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));

export async function shrink(file: File): Promise<File> {
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

async function prepare(file: File): Promise<{ shot: Shot; broken: boolean }> {
  const place = await placeOf(file);
  const shot = { file, place, id: crypto.getRandomValues(new Uint32Array(4)).join("-"), sent: false };
  try {
    shot.file = await shrink(file);
    return { shot, broken: false };
  } catch {
    return { shot, broken: true };
  }
}

function preview(box: HTMLElement, shots: Shot[]): void {
  for (const old of box.querySelectorAll(".photos__item--new")) old.remove();
  for (const { file } of shots) {
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

// tell writes what the form will carry: the files that have not arrived, the
// ids of those that have, and the places if these may be kept.
function tell(box: HTMLElement, input: HTMLInputElement, shots: Shot[], agreed: boolean): void {
  const files = new DataTransfer();
  for (const old of box.querySelectorAll("[data-told]")) old.remove();
  const hidden = (name: string, value: string) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    field.dataset.told = "";
    box.append(field);
  };
  for (const shot of shots) {
    const place = agreed ? shot.place : "";
    if (shot.sent) {
      hidden("upload", place ? `${shot.id}@${place}` : shot.id);
    } else {
      files.items.add(shot.file);
      hidden(`${input.name}_place`, place);
    }
  }
  input.files = files.files;
}

const kilobytes = (shots: Shot[]) => `${Math.ceil(shots.reduce((sum, s) => sum + s.file.size, 0) / 1024)} KB`;

function take(box: HTMLElement, input: HTMLInputElement, status: HTMLElement): void {
  const { preparing = "", ready = "", failed = "", sending = "", sent = "", waiting = "", upload } = box.dataset;
  const agree = box.parentElement?.querySelector<HTMLInputElement>("[data-photo-place]");
  let shots: Shot[] = [];
  const retell = () => tell(box, input, shots, agree?.checked ?? false);
  const deliver = async (endpoint: string, fresh: Shot[]) => {
    try {
      for (const shot of fresh) {
        await send(endpoint, shot.id, shot.file, (share) => (status.textContent = sending.replace("{percent}", `${Math.floor(share * 100)}`)));
        shot.sent = true;
        retell();
      }
      status.textContent = sent.replace("{size}", kilobytes(shots));
    } catch {
      status.textContent = waiting;
    }
  };
  agree?.addEventListener("change", retell);
  input.addEventListener("change", async () => {
    const chosen = [...(input.files ?? [])];
    status.textContent = preparing;
    const fresh = await Promise.all(chosen.map(prepare));
    shots = [...shots.filter((s) => s.sent), ...fresh.map((f) => f.shot)];
    retell();
    preview(box, shots);
    status.textContent = fresh.some((f) => f.broken) ? failed : ready.replace("{size}", kilobytes(shots));
    if (upload) await deliver(upload, fresh.map((f) => f.shot));
  });
}

export function photos(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-photos]")) {
    const input = box.querySelector<HTMLInputElement>("input[type=file]");
    const status = box.parentElement?.querySelector<HTMLElement>(".photos__status");
    if (!input || !status) continue;
    box.classList.add("photos--ready");
    take(box, input, status);
  }
}
