import { AntemortemError } from '../../core/error.ts'
import { atLeast, severities } from '../../core/severity.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand } from '../command.ts'
import { lookForDamage, type IntegrityLook } from '../integrity/look.ts'
import { deeds, repair } from '../integrity/repair.ts'
import { integrityJson, integrityText } from '../integrity/print.ts'
import { failOnOf } from '../fail-on.ts'

/** Physical damage, what it has cost, who still has it, and the way back. */
export default defineCommand({
  name: 'integrity',
  summary: 'physical damage: what is lost, which node still has it, and what mends it',
  arguments: [{ name: '[plan]', summary: 'with --repair apply or undo: the id that --repair plan printed' }],
  options: [
    { flags: '--cluster <name>', summary: 'only this cluster' },
    { flags: '--table <glob>', summary: 'only these tables, e.g. public.*' },
    {
      flags: '--max-load <share>',
      summary: 'share of the time in which a node works for us, above 0 to 1',
      default: '1',
    },
    { flags: '--repair <deed>', summary: deeds.join(', '), choices: deeds },
    { flags: '--from <node>', summary: 'with --repair plan: whose rows are right' },
    { flags: '--strict', summary: 'exit 3 when something could not be looked at' },
    {
      flags: '--fail-on <severity>',
      summary: 'lowest severity that gives exit 1',
      choices: severities,
      default: 'error',
    },
  ],
  example: 'antemortem integrity --max-load 0.1',
  formats: ['text', 'json'],
  async run(context) {
    const { options } = context
    const deed = deeds.find((each) => each === options.text('repair')) ?? null
    const load = loadOf(options.text('max-load') ?? '1')
    if (deed === null && context.args.length > 0)
      throw usage(`a plan is named with --repair apply or undo`, 'antemortem integrity --help shows how.')
    const configuration = await context.config({ needs: 'url' })
    const clusters = chosenClusters(configuration, options.text('cluster'))
    const look = async (): Promise<readonly IntegrityLook[]> => {
      const looks = []
      for (const cluster of clusters)
        looks.push(
          await lookForDamage({
            cluster,
            thresholds: configuration.thresholds,
            load,
            glob: options.text('table'),
            context,
          }),
        )
      return looks
    }
    if (deed !== null) return repair({ deed, configuration, look, context })
    const looks = await look()
    if (context.format === 'json') context.out.json(integrityJson(looks))
    else
      for (const each of looks)
        for (const line of integrityText(each, context.style, context.width)) context.out.line(line)
    const floor = failOnOf(options)
    if (looks.some(({ looked }) => looked.every(({ tables }) => tables === null))) return 3
    if (looks.some(({ damages }) => damages.some(({ severity }) => atLeast(severity, floor)))) return 1
    return options.flag('strict') && looks.some(({ blind }) => blind.length > 0) ? 3 : 0
  },
})

function loadOf(text: string): number {
  const load = Number(text)
  if (text.trim() !== '' && load > 0 && load <= 1) return load
  throw usage(
    `integrity: --max-load ${text.slice(0, 40)}: expected a share above 0 to 1, such as 0.1`,
    'See antemortem integrity --help.',
  )
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', message, hint, { exit: 2 })
