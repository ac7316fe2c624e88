import { readFileSync, utimesSync } from 'node:fs'
import { AntemortemError } from '../../../core/error.ts'
import type { Refusal, Step } from '../../../core/plan.ts'
import type { Doer, Output, Probed } from '../../../plans/doer.ts'
import { attempt, writeBytes } from '../../files/write-bytes.ts'
import { digestOf, stateOf } from './captured.ts'
import { restoreKind } from './plan-restore.ts'

interface Restore {
  readonly place: string
  readonly kept: string
  readonly sha256: string
  readonly expects: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedMs: number
  readonly links: number
}

/** Writes a file with the bytes that were kept of it, and gives it back its mode, owner and time where that is ours to do. */
export const restoreDoer: Doer = {
  kind: restoreKind,
  do: async (step) => Promise.resolve(restore(read(step))),
  probe: async (step) => Promise.resolve(probe(read(step))),
  precondition: async (step) => Promise.resolve(refusal(read(step))),
}

function read({ input }: Step): Restore {
  const text = (name: string): string => String(input[name] ?? '')
  const number = (name: string): number => Number(input[name] ?? 0)
  return {
    place: text('place'),
    kept: text('kept'),
    sha256: text('sha256'),
    expects: text('expects'),
    mode: number('mode'),
    uid: number('uid'),
    gid: number('gid'),
    modifiedMs: number('modified_ms'),
    links: number('links'),
  }
}

function probe({ place, sha256, expects }: Restore): Probed {
  const state = stateOf(place)
  return state === sha256 ? 'done' : state === expects ? 'not-done' : 'cannot-see'
}

/** Whoever has written it since meant something by it. */
function refusal({ place, expects, sha256 }: Restore): Refusal | null {
  const state = stateOf(place)
  if (state === expects || state === sha256) return null
  return {
    id: 'file-moved-on',
    why: `${place} is not as the command has left it: somebody has written it since`,
    evidence: { place, state: state.slice(0, 12), expected: expects.slice(0, 12) },
  }
}

function restore(file: Restore): Output {
  const bytes = readFileSync(file.kept)
  if (digestOf(bytes) !== file.sha256)
    throw new AntemortemError('kept-bytes-damaged', `${file.kept} is not what was kept`, 'Take the file from a backup.')
  const how = writeBytes(file, bytes)
  const seconds = file.modifiedMs / 1000
  attempt(() => utimesSync(file.place, seconds, seconds))
  return { bytes: bytes.length, ...how }
}
