import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { canonicalJson } from '../../src/core/json.ts'
import outage from '../../src/drills/outages/0-auth-schema-update.ts'
import { drillOnce } from './drilling.ts'
import type { Measured } from './parts.ts'

const program = resolve(import.meta.dirname, '../../bin/antemortem.js')

/** Where, and as whom, a bundle is judged again. */
interface Place {
  readonly words: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly node?: string
}

interface Answer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** One outage, its bundle, and the same diagnosis wherever it is asked for again. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const { bundle, result } = await drillOnce(outage, 1)
  if (bundle === null) throw new Error('the drill has left no bundle')
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-replay-'))
  try {
    const file = join(dir, 'bundle.json')
    writeFileSync(file, canonicalJson(bundle))
    const home = join(dir, 'home')
    const elsewhere = join(dir, 'another folder, ünïcode')
    for (const made of [home, elsewhere]) mkdirSync(made)
    const nodes = otherNodes()
    const places: readonly Place[] = [
      { words: 'here' },
      { words: 'once more' },
      { words: 'TZ=Asia/Tokyo', env: { TZ: 'Asia/Tokyo' } },
      { words: 'LANG=tr_TR.UTF-8', env: { LANG: 'tr_TR.UTF-8' } },
      { words: 'LC_ALL=C', env: { LC_ALL: 'C' } },
      { words: 'LC_ALL=sv_SE.UTF-8, TZ=America/St_Johns', env: { LC_ALL: 'sv_SE.UTF-8', TZ: 'America/St_Johns' } },
      { words: 'in another working directory', cwd: elsewhere },
      { words: "with another user's name and home", env: { HOME: home, USER: 'somebody', LOGNAME: 'somebody' } },
      {
        words: 'all of them at once',
        cwd: elsewhere,
        env: { HOME: home, USER: 'somebody', TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      },
      ...nodes.map(({ path, version, isNew }) => ({
        words: isNew ? `Node ${version}` : `started by Node ${version}, which hands over to ${process.version}`,
        node: path,
      })),
    ]
    const rows: string[][] = []
    let first: string | null = null
    let met = true
    for (const place of places) {
      const { code, stdout, stderr } = await diagnose(file, place)
      const digest = createHash('sha256').update(stdout).digest('hex')
      first ??= digest
      // A diagnosis that found something has a code of its own; without an answer there is nothing to compare.
      const isSame = stdout.length > 0 && digest === first
      if (!isSame) met = false
      progress(
        `${place.words}: ${stdout.length} bytes, ${digest.slice(0, 16)}${isSame ? '' : ' DIFFERS'} ${stderr.trim()}`,
      )
      rows.push([place.words, String(code), String(stdout.length), digest.slice(0, 16), isSame ? 'yes' : '**no**'])
    }
    const named = namedIn((await diagnose(file, places[0] ?? { words: '' })).stdout)
    if (named !== result.named.cause) met = false
    return {
      header: ['where', 'exit code', 'bytes', 'sha256, its first 16', 'the same'],
      rows,
      notes: [
        `Asked: the same bytes everywhere, and the cause that was named while it happened. Named then: ${result.named.cause ?? 'nothing'}; named from the bundle: ${named ?? 'nothing'}. ${met ? 'Met.' : '**Not met.**'}`,
        nodes.every(({ isNew }) => !isNew)
          ? `Only one Node of 22.13 or later is on this machine (${process.version}): another version was not tried.`
          : `Run with ${process.version} where it does not say otherwise.`,
      ],
      met,
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

async function diagnose(bundle: string, { env, cwd, node }: Place): Promise<Answer> {
  return new Promise((done) => {
    const options = {
      encoding: 'buffer',
      cwd: cwd ?? process.cwd(),
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    } as const
    const args = [program, 'diagnose', '--from', bundle, '--format', 'json']
    const child = execFile(node ?? process.execPath, args, options, (_, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, stdout, stderr: stderr.toString() }),
    )
  })
}

/** Every Node on the path but ours; one that is too old hands over. */
function otherNodes(): readonly { readonly path: string; readonly version: string; readonly isNew: boolean }[] {
  const folders = [...new Set((process.env['PATH'] ?? '').split(':')), '/usr/local/bin', '/usr/bin']
  const seen = new Set([process.version])
  return folders.flatMap((folder) => {
    const path = join(folder, 'node')
    const version = versionOf(path)
    if (version === null || seen.has(version)) return []
    seen.add(version)
    const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
    return [{ path, version, isNew: major > 22 || (major === 22 && minor >= 13) }]
  })
}

function versionOf(path: string): string | null {
  try {
    return execFileSync(path, ['--version'], { cwd: dirname(path), encoding: 'utf8' }).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function namedIn(answer: Buffer): string | null {
  const parsed: unknown = answer.length > 0 ? JSON.parse(answer.toString()) : null
  const causes: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'causes') : null
  const first: unknown = Array.isArray(causes) ? causes[0] : null
  const id: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'id') : null
  return typeof id === 'string' ? id : null
}
