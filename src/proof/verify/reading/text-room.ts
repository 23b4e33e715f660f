/** Memory that the text of an event is made in, at once in the place where it may be kept. */
export interface TextRoom {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** From here on it is free. */
  readonly used: number;
}

/** Gives memory with room for so many bytes. What is in it is written over by the next text, unless somebody keeps it. */
export type RoomFor = (length: number) => TextRoom;

/** Room for texts that nobody keeps where they are. */
export function ownRoom(): RoomFor {
  let room = roomOf(64 * 1024);
  return (length) => {
    if (length > room.bytes.length) room = roomOf(2 * length);
    return room;
  };
}

function roomOf(length: number): TextRoom {
  const bytes = Buffer.allocUnsafeSlow(length);
  return { bytes, view: viewOf(bytes), used: 0 };
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
