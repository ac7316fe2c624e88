import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Instance } from './instance-process.ts'
import type { AppRelease, NewPasswords } from '../../core/lab-step.ts'
import { printPasswords } from './passwords.ts'
import { parseEnv, printEnv } from './settings.ts'

export interface AppParts {
  readonly dir: string
  readonly outcomes: string
  readonly releaseFile: string
  readonly passwordsFile: string
  readonly instances: readonly Instance[]
}

/** The running login application. Made by `startApp`. */
export class App implements AsyncDisposable {
  readonly #parts: AppParts

  constructor(parts: AppParts) {
    this.#parts = parts
  }

  /** One JSON line per login. */
  get outcomes(): string {
    return this.#parts.outcomes
  }

  /** `app1.env`, …: by instance. */
  get envFiles(): readonly string[] {
    return this.#parts.instances.map(({ envFile }) => envFile)
  }

  /** What instances complain of, where they run detached: by instance. */
  get logs(): readonly string[] {
    return this.#parts.instances.map(({ log }) => log)
  }

  get instances(): readonly string[] {
    return this.#parts.instances.map(({ name }) => name)
  }

  /** Deploys, and returns when every instance runs it. */
  async release(release: AppRelease): Promise<void> {
    const { releaseFile, instances } = this.#parts
    const before: unknown = JSON.parse(readFileSync(releaseFile, 'utf8'))
    if (JSON.stringify(before) === JSON.stringify(release)) return
    const taken = instances.map(async (instance) => instance.next((message) => 'release' in message))
    replaceFile(releaseFile, JSON.stringify(release))
    await Promise.all(taken)
  }

  /** What users know from now on; returns when every instance's users use it. */
  async setPasswords(passwords: NewPasswords): Promise<void> {
    const { passwordsFile, instances } = this.#parts
    const text = printPasswords(passwords)
    if (readFileSync(passwordsFile, 'utf8') === text) return
    const taken = instances.map(async (instance) => instance.next((message) => 'passwords' in message))
    replaceFile(passwordsFile, text)
    await Promise.all(taken)
  }

  /** The keys of an instance's file, as they stand. */
  env(instance: string): Readonly<Record<string, string>> {
    return parseEnv(readFileSync(this.#instance(instance).envFile, 'utf8'))
  }

  /** Changes keys of an instance's file (null takes one out), and returns when the instance has read it. */
  async setEnv(instance: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
    const one = this.#instance(instance)
    const text = readFileSync(one.envFile, 'utf8')
    const env = Object.entries({ ...parseEnv(text), ...changes }).filter(([, value]) => value !== null)
    const next = printEnv(Object.fromEntries(env.map(([key, value]) => [key, value ?? ''])))
    if (next === text) return
    const taken = one.next((message) => 'settings' in message)
    replaceFile(one.envFile, next)
    await taken
  }

  #instance(instance: string): Instance {
    const one = this.#parts.instances.find(({ name }) => name === instance)
    if (one === undefined) throw new Error(`there is no instance ${instance}`)
    return one
  }

  async stop(): Promise<void> {
    await Promise.all(this.#parts.instances.map(async (instance) => instance.stop()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Whoever reads while we write sees the old file or the new one. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
