import { createHmac } from 'node:crypto'
import { cpus } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { HostFact } from '../../core/facts/cluster.ts'
import { maskSetting } from '../../core/mask-setting.ts'
import { redact } from '../../core/redact.ts'
import type { Reading, Unread } from '../reading.ts'
import { accessRulesDigest } from './access-rules.ts'
import { readCommandLine, type CommandLine } from './command-line.ts'
import { configuredValue, readConfFiles, type ConfFiles, type Configured } from './conf-files.ts'
import { busyShare, cpuTicks, type CpuTicks } from './cpu.ts'
import { readDisks, type RealPaths } from './disks.ts'
import { missingLibraries, namesIn, packageDirOf } from './libraries.ts'
import { lookForPostmaster, type PidLines } from './postmaster.ts'
import { Unmoved } from './unmoved.ts'

/** What a host says of its server, but for the name that the watcher gives it; `atMs` on the host's own clock. */
export type HostLook = Omit<HostFact, 'node'>

type Part = HostFact['unseen'][number]['what']

export interface Looked {
  readonly dataDir: string
  readonly log: string | null
  /** Key of the masks: the same secret has the same mask, for whoever has the same key. */
  readonly maskKey: Uint8Array
}

/** The files as they are, and as they may be told. */
interface MaskedConf extends Pick<HostLook, 'configured' | 'misconfigured'> {
  readonly conf: ConfFiles
}

/** Looks at one server's host again and again. It reads, and starts nothing but `pg_config`. */
export class HostLooker {
  readonly #at: Looked
  #ticks: CpuTicks | null = null
  /** `$libdir` by program: it does not move under a running server. */
  readonly #packageDirs = new Map<string, string | null>()
  readonly #pidLines: PidLines = new Unmoved()
  readonly #command = new Unmoved<CommandLine>()
  readonly #conf = new Unmoved<MaskedConf>()
  readonly #rules = new Unmoved<Reading<string>>()
  readonly #realPaths: RealPaths = new Map()

  constructor(at: Looked) {
    this.#at = at
  }

  async look(): Promise<HostLook> {
    const { dataDir, log } = this.#at
    const unseen: HostFact['unseen'][number][] = []
    const miss = (what: Part, all: readonly Unread[]): void => {
      for (const { why, remedy } of all) unseen.push({ what, why, remedy })
    }
    const [postmaster, command, { disks, unread }] = await Promise.all([
      lookForPostmaster(dataDir, this.#pidLines),
      this.#commandLine(),
      readDisks(dataDir, log, this.#realPaths),
    ])
    if (postmaster.unread) miss('postmaster', [postmaster.unread])
    miss('disks', unread)
    const { conf, configured, misconfigured } = await this.#confFiles(command)
    miss('configuration', conf.unread)
    const hbaFile = command.settings['hba_file'] ?? configuredValue(conf.configured, 'hba_file')
    const rulesFile = pathOf(hbaFile, dataDir, 'pg_hba.conf')
    const rules = await this.#rules.get(
      rulesFile,
      async (depends) => accessRulesDigest(rulesFile, depends),
      ({ ok }) => ok,
    )
    if (!rules.ok) miss('access rules', [rules])
    const isKnown = conf.unread.length === 0
    const missing = isKnown ? await this.#missing(conf.configured, command, postmaster.program) : null
    if (missing === null && isKnown)
      miss('libraries', [
        {
          why: 'the library folder of the server is not known',
          remedy: 'let the reader see the running server: run it as the same user',
        },
      ])
    const ticks = cpuTicks()
    const cpuBusy = busyShare(this.#ticks, ticks)
    this.#ticks = ticks
    return {
      atMs: Date.now(),
      postmaster: postmaster.state,
      pid: postmaster.pid,
      port: postmaster.port,
      disks,
      cores: ticks?.cores ?? Math.max(1, cpus().length),
      cpuBusy,
      configured,
      misconfigured,
      missingLibraries: missing,
      accessRulesDigest: rules.ok ? rules.value : null,
      unseen,
    }
  }

  async #commandLine(): Promise<CommandLine> {
    const { dataDir } = this.#at
    return this.#command.get(
      dataDir,
      async (depends) => readCommandLine(dataDir, depends),
      () => true,
    )
  }

  async #confFiles(command: CommandLine): Promise<MaskedConf> {
    const { dataDir } = this.#at
    const file = pathOf(command.settings['config_file'], dataDir, 'postgresql.conf')
    return this.#conf.get(
      file,
      async (depends) => {
        const conf = await readConfFiles(file, dataDir, depends)
        return {
          conf,
          configured: conf.configured.map((each) => ({ ...each, value: this.#mask(each) })),
          misconfigured: conf.misconfigured.map((each) => ({
            file: each.file,
            line: each.line,
            text: this.#mask(each),
          })),
        }
      },
      ({ conf }) => conf.unread.length === 0,
    )
  }

  #mask({ name, value }: Configured): string {
    const digest = (text: string): string =>
      createHmac('sha256', this.#at.maskKey).update(text).digest('hex').slice(0, 8)
    return redact(maskSetting(name, value.slice(0, 4000), digest))
  }

  async #missing(
    configured: readonly Configured[],
    command: CommandLine,
    running: string | null,
  ): Promise<readonly string[] | null> {
    const value = (name: string): string | undefined => command.settings[name] ?? configuredValue(configured, name)
    const preloaded = namesIn(value('shared_preload_libraries') ?? '')
    if (preloaded.length === 0) return []
    const program = running ?? command.program
    if (program === null) return null
    if (!this.#packageDirs.has(program)) this.#packageDirs.set(program, await packageDirOf(program))
    const packageDir = this.#packageDirs.get(program) ?? null
    return packageDir === null
      ? null
      : missingLibraries(preloaded, value('dynamic_library_path') ?? '$libdir', packageDir)
  }
}

const pathOf = (named: string | undefined, dataDir: string, usual: string): string =>
  named === undefined || named === '' ? join(dataDir, usual) : isAbsolute(named) ? named : join(dataDir, named)
