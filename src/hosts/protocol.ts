import { z } from 'zod'
import type { HostLook } from './look/look.ts'
import type { LogChunk } from './log/position.ts'

/** Both sides must speak the same; raised with every change that an older side would not understand. */
export const protocolFormat = 1

/** A question has no more than this: it names a position, and nothing larger. */
export const longestQuestion = 65_536
/** An answer has no more: a piece of a log as base64, or a configuration. */
export const longestAnswer = 8_388_608

const position = z.strictObject({ id: z.string().max(50), offset: z.int().min(0), check: z.string().max(200) })

/** All that can be asked. What is not in this list is refused. */
export const question = z.discriminatedUnion('ask', [
  z.strictObject({ id: z.int(), ask: z.literal('hello'), format: z.int(), maskKey: z.string().max(200) }),
  z.strictObject({ id: z.int(), ask: z.literal('look') }),
  z.strictObject({ id: z.int(), ask: z.literal('log'), position: position.nullable() }),
])
export type Question = z.output<typeof question>
export const asks = question.options.map((option) => option.shape.ask.value)

const text = z.string()
const number = z.number()
const unseenPart = z.enum(['postmaster', 'disks', 'configuration', 'libraries', 'access rules'])
const inFile = { file: text, line: number }

export const hostLook = z.object({
  atMs: number,
  postmaster: z.enum(['running', 'absent', 'unknown']),
  pid: number.nullable(),
  port: number.nullable(),
  disks: z.array(z.object({ what: z.enum(['data', 'wal', 'log']), path: text, totalBytes: number, freeBytes: number })),
  cores: number,
  cpuBusy: number.nullable(),
  configured: z.array(z.object({ ...inFile, name: text, value: text })),
  misconfigured: z.array(z.object({ ...inFile, text })),
  missingLibraries: z.array(text).nullable(),
  accessRulesDigest: text.nullable(),
  unseen: z.array(z.object({ what: unseenPart, why: text, remedy: text })),
}) satisfies z.ZodType<HostLook>

export const logChunk = z.object({
  file: text,
  format: z.enum(['stderr', 'csvlog', 'jsonlog']),
  bytes: z.base64().transform((encoded) => Buffer.from(encoded, 'base64')),
  position,
  fresh: z.boolean(),
  cut: z.boolean(),
  gap: text.nullable(),
  more: z.boolean(),
}) satisfies z.ZodType<LogChunk>

export const greeting = z.object({ format: number })

/** An answer, or a word that nobody asked for: the log has grown. */
export const reply = z.union([
  z.object({ id: number, ok: z.literal(true), nowMs: number, value: z.unknown() }),
  z.object({ id: number.nullable(), ok: z.literal(false), why: text, remedy: text }),
  z.object({ event: z.literal('log') }),
])
export type Reply = z.output<typeof reply>
