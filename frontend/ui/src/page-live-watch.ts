import { watch } from "./live-watch";

for (const root of document.querySelectorAll<HTMLElement>("[data-watch]")) watch(root);
