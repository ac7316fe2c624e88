import type { Zone } from './postmortem.ts'

/** Names that mean one offset wherever they are used. `CST`, `IST` and `BST` do not, and are noted as unreadable. */
const named: Readonly<Record<string, number>> = {
  utc: 0,
  gmt: 0,
  z: 0,
  wat: 60,
  'west african time': 60,
  'west africa time': 60,
  cet: 60,
  cest: 120,
  cat: 120,
  sast: 120,
  eat: 180,
  est: -300,
  edt: -240,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
}

const ambiguous = new Set(['cst', 'ist', 'bst'])

export const zonePattern = String.raw`(?:(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::?\d{2})?|west african? time|\+\d{2}:\d{2}|(?<=\s|:\d{2}:\d{2})-\d{2}:\d{2}|(?<=\d)z\b|\b(?:utc|gmt|wat|cet|cest|cat|sast|eat|est|edt|cdt|mst|mdt|pst|pdt|cst|ist|bst)\b)`

/** `GMT+1`, `WAT`, `+01:00`; null for a name that means several zones. */
export function zoneOf(stated: string): Zone | null {
  const words = stated.toLowerCase().replace(/\s+/g, ' ').trim()
  if (ambiguous.has(words)) return null
  const byName = named[words]
  if (byName !== undefined) return { stated, offsetMin: byName }
  const signed = /([+-])\s?(\d{1,2}):?(\d{2})?$/.exec(words)
  if (!signed?.[2]) return null
  const minutes = Number(signed[2]) * 60 + Number(signed[3] ?? 0)
  return minutes > 14 * 60 ? null : { stated, offsetMin: signed[1] === '-' ? -minutes : minutes }
}
