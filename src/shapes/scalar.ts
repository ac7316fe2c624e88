import { z } from 'zod'

/** Lists are readonly in core, and so they are here: a mapper hands core's own lists on without copying. */
export const list = <T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> => z.array(item).readonly()

export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
export const scalars = z.record(z.string(), scalar).readonly()

/** RFC 3339, UTC, milliseconds: the one form of a moment that leaves the program. */
export const time = z.iso.datetime({ precision: 3 })

/** Core's milliseconds as that form. */
export const timeOf = (ms: number): string => new Date(ms).toISOString()

export const severity = z.enum(['info', 'warning', 'error', 'critical'])
