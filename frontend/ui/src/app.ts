// Everything here only makes a working page pleasanter.
document.querySelector<HTMLElement>("[data-focus]")?.focus();
