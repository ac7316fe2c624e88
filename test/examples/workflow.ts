import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z
    .string()
    .regex(/^[\w-]+\/[\w-]+(\/[\w-]+)*@v\d+$/)
    .optional(),
  with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
})

const permission = z.enum(['read', 'write', 'none'])
const permissions = z.strictObject({ contents: permission.optional(), 'security-events': permission.optional() })

/** As much of GitHub's syntax of workflows as ours uses: a word that is not in it is a mistake. */
export const workflowShape = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    pull_request: z.strictObject({ paths: z.array(z.string()) }),
    push: z.strictObject({ branches: z.array(z.string()), paths: z.array(z.string()) }),
    schedule: z.array(z.strictObject({ cron: z.string().regex(/^(\S+ ){4}\S+$/) })),
  }),
  permissions,
  jobs: z.record(
    z.string(),
    z.strictObject({
      if: z.string().optional(),
      'runs-on': z.union([z.string(), z.array(z.string())]),
      environment: z.string().optional(),
      concurrency: z.strictObject({ group: z.string() }).optional(),
      permissions: permissions.optional(),
      steps: z.array(step.refine(({ uses, run }) => (uses === undefined) !== (run === undefined))),
    }),
  ),
})

export const exampleFile = (name: string): string =>
  readFileSync(new URL(`../../docs/examples/${name}`, import.meta.url), 'utf8')

export const workflow = (): unknown => parse(exampleFile('database-gate.yml'))

/** The commands of a step, by its name. */
export function stepOf(job: string, name: string): { readonly run: string } {
  const found = workflowShape.parse(workflow()).jobs[job]?.steps.find((one) => one.name === name)
  if (found?.run === undefined) throw new Error(`${job} has no step "${name}"`)
  return { run: found.run }
}
