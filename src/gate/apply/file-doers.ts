import { readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Step } from '../../core/plan.ts'
import { openChangeSession } from '../../engines/postgres/act/change-session.ts'
import {
  errorsInFile,
  overriddenIn,
  reloadFiles,
  serverPlaces,
  type ServerPlaces,
} from '../../engines/postgres/act/server-files.ts'
import type { Session } from '../../engines/postgres/index.ts'
import type { Doer, Output, Probed, StepContext } from '../../plans/doer.ts'
import { withSettings } from '../files/with-settings.ts'
import { writeBytes } from '../files/write-bytes.ts'
import { captureFile, digestOf, stateOf } from '../wrap/files/captured.ts'
import type { KeptServerFile } from './kept.ts'
import { fileInputOf } from './step-input.ts'
import { wakeServer } from './wake-server.ts'
import type { Acting } from './transaction-doers.ts'

interface Filing extends Acting {
  readonly cluster: ClusterConfig
  /** A copy for its owner's eyes; where it is. */
  readonly keepFile: (name: string, bytes: Uint8Array) => string
}

/** Files of a server, on its host: kept, written, looked at, read by the server, and put back byte for byte. */
export function fileDoers({ act, records, calm, cluster, keepFile }: Filing): readonly Doer[] {
  const dataOf = (node: string): string | null => cluster.nodes.find(({ name }) => name === node)?.host?.data ?? null
  const within = async <T>(node: string, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await openChangeSession(node, act(node), signal)
    try {
      return await work(session)
    } finally {
      await session.close()
    }
  }
  const nameOf = ({ plan }: StepContext, step: Step): string =>
    `${plan.undoes ?? plan.id}/${step.node}/${fileInputOf(step).which}`
  const keptOf = async (step: Step, context: StepContext): Promise<KeptServerFile> => {
    const found = await records.find('gate-file', nameOf(context, step))
    if (found) return found.body
    throw new AntemortemError('file-not-kept', `no copy of the file of ${step.node} was kept`, 'Put it back by hand.', {
      exit: 4,
    })
  }
  const reload = async (node: string, signal: AbortSignal): Promise<void> =>
    within(node, signal, async (session) => reloadFiles({ session, node, signal }))
  return [
    {
      kind: 'gate-keep-file',
      async do(step, context) {
        const { node, which } = fileInputOf(step)
        const { signal } = context
        const name = nameOf(context, step)
        const earlier = await records.find('gate-file', name)
        if (earlier) return { file: earlier.body.place, copy: earlier.body.kept }
        const { places, wrong } = await within(node, signal, async (session) => ({
          places: await serverPlaces({ session, node, signal }, which),
          wrong: await errorsInFile({ session, node, signal }, which),
        }))
        const [error] = wrong
        if (error !== undefined)
          throw refused('file-wrong-already', `${places.file} of ${node} is wrong already: ${error}`)
        const captured = captureFile(placeOf(places, dataOf(node)))
        if (!captured)
          throw new AntemortemError(
            'file-unreadable',
            `${places.file} of ${node} is not there, or may not be read`,
            `Run gate apply as the operating system's user of the server (postgres), or as root.`,
            { exit: 4 },
          )
        const { bytes, place, sha256, mode, uid, gid, links } = captured
        const kept = keepFile(name.replaceAll('/', '.'), bytes)
        await records.save('gate-file', name, { file: places.file, place, kept, sha256, mode, uid, gid, links })
        return { file: place, copy: kept }
      },
      probe: notDone,
    },
    {
      kind: 'gate-write-file',
      precondition: async (_, context) => calm(context),
      async do(step, context) {
        const kept = await keptOf(step, context)
        const bytes = newBytes(step, kept)
        if (stateOf(kept.place) === digestOf(bytes)) return { bytes: bytes.length, how: 'as it is already' }
        if (stateOf(kept.place) !== kept.sha256) throw movedOn(kept)
        return { bytes: bytes.length, ...writeBytes(kept, bytes) }
      },
      async probe(step, context): Promise<Probed> {
        const found = await records.find('gate-file', nameOf(context, step))
        if (!found) return 'not-done'
        const state = stateOf(found.body.place)
        if (state === digestOf(newBytes(step, found.body))) return 'done'
        return state === found.body.sha256 ? 'not-done' : 'cannot-see'
      },
    },
    {
      kind: 'gate-reload',
      precondition: async (_, context) => calm(context),
      async do(step, context): Promise<Output> {
        const { node, which, lines } = fileInputOf(step)
        const { signal } = context
        const { file } = await keptOf(step, context)
        await within(node, signal, async (session) => {
          const asking = { session, node, signal }
          const wrong = await errorsInFile(asking, which)
          const names = lines().flatMap(({ name }) => (name === '' ? [] : [name]))
          const overridden = which === 'settings' ? await overriddenIn(asking, file, names) : []
          const [error] = [...wrong, ...overridden]
          if (error !== undefined) throw refused('file-refused', `${file} of ${node} as it is written now: ${error}`)
          await reloadFiles(asking)
        })
        return {}
      },
      // It may be read again at any time.
      probe: notDone,
    },
    {
      kind: 'gate-file-back',
      async do(step, context) {
        const { node } = fileInputOf(step)
        const kept = await keptOf(step, context)
        const state = stateOf(kept.place)
        if (state !== kept.sha256) {
          if (state !== digestOf(newBytes(step, kept))) throw movedOn(kept)
          writeBytes(kept, keptBytes(kept))
        }
        const data = dataOf(node)
        // Its new rules may let nobody in any more, us neither.
        await reload(node, context.signal).catch((error: unknown) => {
          if (!(error instanceof AntemortemError) || data === null || !wakeServer(data)) throw error
        })
        return { file: kept.place }
      },
      probe: notDone,
    },
  ]
}

/** Each of them may be repeated: what was done already is seen. */
const notDone: Doer['probe'] = () => Promise.resolve('not-done')

/** The same file from here: a container may have the data directory at another place than its host. */
function placeOf({ dataDirectory, file }: ServerPlaces, data: string | null): string {
  const below = relative(dataDirectory, file)
  return data === null || below.startsWith('..') || isAbsolute(below) ? file : join(data, below)
}

function keptBytes({ kept, sha256 }: KeptServerFile): Buffer {
  const bytes = readFileSync(kept)
  if (digestOf(bytes) === sha256) return bytes
  throw new AntemortemError('kept-bytes-damaged', `${kept} is not what was kept`, 'Take the file from a backup.', {
    exit: 4,
  })
}

/** What the change makes of the file: the bytes around its lines stay as they are, whatever their encoding. */
function newBytes(step: Step, kept: KeptServerFile): Buffer {
  const { which, lines, text } = fileInputOf(step)
  if (which === 'access-rules') return Buffer.from(text())
  const asBytes = (line: string): string => Buffer.from(line).toString('latin1')
  const written = lines().map(({ name, line }) => ({ name, line: asBytes(line) }))
  return Buffer.from(withSettings(keptBytes(kept).toString('latin1'), written), 'latin1')
}

const refused = (code: string, message: string): AntemortemError =>
  new AntemortemError(code, message, 'Correct what is named; the server has not read it.', { exit: 4 })

const movedOn = ({ place }: KeptServerFile): AntemortemError =>
  new AntemortemError(
    'file-moved-on',
    `${place} was written by somebody else meanwhile`,
    'Look at it, then run the same command again; the copy that was kept lies beside the store.',
    { exit: 4 },
  )
