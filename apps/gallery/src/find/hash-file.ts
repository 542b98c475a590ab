/** Up to this size a file is read as a whole, for the hash of the browser, which is the fastest. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** SHA-256 of a file, in hexadecimal. */
export async function hashOf(file: Blob): Promise<string> {
  // Absent on a page that was loaded over http from another host than this device.
  const subtle = (globalThis.crypto as Partial<Crypto>).subtle;
  if (subtle !== undefined && file.size <= MAX_WHOLE_BYTES) {
    const digest = await subtle.digest('SHA-256', await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const { Sha256 } = await import('./sha256.ts');
  const hash = new Sha256();
  const reader = file.stream().getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) hash.update(chunk.value);
  return hash.digest();
}
