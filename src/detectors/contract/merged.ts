/** Detections in order, those that overlap made one. */
import type { Detection, Part } from "./detection.ts";

/** Sorted, and not overlapping. Of those that overlap the first one gives the name. */
export function merged(detections: Detection[]): Detection[] {
  if (detections.length < 2) return detections;
  const sorted = detections.sort((a, b) => a.start - b.start || b.end - a.end);
  const result: Detection[] = [];
  let overlapping = [sorted[0]!];
  let end = sorted[0]!.end;
  for (const next of sorted.slice(1)) {
    if (next.start < end) {
      overlapping.push(next);
      end = Math.max(end, next.end);
      continue;
    }
    result.push(joined(overlapping, end));
    overlapping = [next];
    end = next.end;
  }
  result.push(joined(overlapping, end));
  return result;
}

function joined(detections: readonly Detection[], end: number): Detection {
  const [first] = detections as [Detection];
  if (detections.length === 1) return first;
  const { start, detector } = first;
  const secret = joinedParts(detections.flatMap((each): readonly Part[] => each.secret ?? [each]));
  const is_all = secret.length === 1 && secret[0]!.start === start && secret[0]!.end === end;
  return is_all ? { start, end, detector } : { start, end, detector, secret };
}

function joinedParts(parts: Part[]): Part[] {
  const result: Part[] = [];
  for (const { start, end } of parts.sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || start > last.end) result.push({ start, end });
    else if (end > last.end) result[result.length - 1] = { start: last.start, end };
  }
  return result;
}
