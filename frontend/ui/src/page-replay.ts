// Jumps to where a product was shown.
for (const root of document.querySelectorAll<HTMLElement>("[data-replay]")) {
  const video = root.querySelector("video");
  for (const link of root.querySelectorAll<HTMLAnchorElement>("[data-at]")) {
    link.addEventListener("click", (event) => {
      if (!video) return;
      event.preventDefault();
      const jump = (): void => void (video.currentTime = Number(link.dataset.at));
      if (video.readyState > 0) jump();
      else video.addEventListener("loadedmetadata", jump, { once: true });
      void video.play().catch(() => undefined);
    });
  }
}
