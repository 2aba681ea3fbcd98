// Takes the marks off Vietnamese, so that "phu xuan" finds "Phú Xuân".
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase();
}
