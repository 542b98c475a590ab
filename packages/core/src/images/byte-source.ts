/** Random access to bytes: of an array, or of base64 text that is decoded only where it is read. */
export interface ByteSource {
  /** Total number of bytes. */
  readonly length: number;
  /** The bytes from `offset`; fewer than `length` at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** Like {@link ByteSource}, for bytes that take time to read: those of a file or a Blob. */
export interface AsyncByteSource {
  /** Total number of bytes. */
  readonly length: number;
  /** The bytes from `offset`; fewer than `length` at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Random access to bytes in memory. Does not copy them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

export function uint16BigEndian(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function uint16LittleEndian(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function uint24LittleEndian(bytes: Uint8Array, at: number): number {
  return uint16LittleEndian(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
}

export function uint32BigEndian(bytes: Uint8Array, at: number): number {
  return uint16BigEndian(bytes, at) * 0x10000 + uint16BigEndian(bytes, at + 2);
}

export function int32LittleEndian(bytes: Uint8Array, at: number): number {
  return uint16LittleEndian(bytes, at) | (uint16LittleEndian(bytes, at + 2) << 16);
}

export function uint32LittleEndian(bytes: Uint8Array, at: number): number {
  return int32LittleEndian(bytes, at) >>> 0;
}

/** Whether the bytes at `at` are the ASCII text `expected`. */
export function hasText(bytes: Uint8Array, at: number, expected: string): boolean {
  for (let i = 0; i < expected.length; i++) {
    if (bytes[at + i] !== expected.charCodeAt(i)) return false;
  }
  return true;
}
