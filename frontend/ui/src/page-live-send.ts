import { send } from "./live-send";

for (const root of document.querySelectorAll<HTMLElement>("[data-send]")) send(root);
