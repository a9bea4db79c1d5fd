/** The longest string that is looked at character by character: beyond, the engine's own writer is faster. */
const scanLengthMax = 48;

/** Writes a string as JSON. */
export function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** Whether a string is short and stands in JSON as it is. */
export function isPlain(text: string): boolean {
  if (text.length > scanLengthMax) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 34 || code === 92 || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
