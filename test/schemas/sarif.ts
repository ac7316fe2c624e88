import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** zod takes a reference for a whole address; that ours are relative, and lead to a file, the tests look at themselves. */
const written = readFileSync(new URL('sarif-2.1.0.json', import.meta.url), 'utf8').replaceAll(
  '"format": "uri-reference"',
  '"minLength": 1',
)
const schema = z.fromJSONSchema(z.record(z.string(), z.unknown()).parse(JSON.parse(written)))

/** What the standard has against a log; empty: nothing. */
export function sarifFaults(log: unknown): readonly string[] {
  const { error } = schema.safeParse(log)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

/** What GitHub shows of a log, and what of it would be refused: its documented limits. */
export const githubLog = z.object({
  runs: z
    .array(
      z.object({
        tool: z.object({
          driver: z.object({
            rules: z
              .array(
                z
                  .object({
                    id: z.string().max(255),
                    shortDescription: z.object({ text: z.string().max(1024) }),
                    fullDescription: z.object({ text: z.string().max(1024) }),
                    help: z.object({ text: z.string().min(1) }),
                    // A severity of a vulnerability would put an outage among the holes of the repository.
                    properties: z.undefined().optional(),
                  })
                  .loose(),
              )
              .max(25_000),
          }),
        }),
        results: z
          .array(
            z.object({
              ruleId: z.string(),
              ruleIndex: z.number(),
              level: z.enum(['note', 'warning', 'error']),
              message: z.object({ text: z.string().min(1) }),
              locations: z.tuple([
                z.object({
                  physicalLocation: z.object({
                    artifactLocation: z.object({ uri: z.string().regex(/^(?!\/|\.\.|[a-z]+:|.*\s)/) }),
                    region: z.object({ startLine: z.int().min(1) }),
                  }),
                }),
              ]),
              partialFingerprints: z.record(z.string(), z.string().min(1)),
            }),
          )
          .max(5000),
      }),
    )
    .length(1),
})
