import { realpathSync } from 'node:fs'
import { AntemortemError } from '../../core/error.ts'
import type { Lab } from '../../lab/lab.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'lab down',
  summary: 'stop a lab and remove its directory',
  options: [{ flags: '--dir <dir>', summary: 'the directory that lab up printed' }],
  example: 'antemortem lab down --dir /tmp/my-lab',
  formats: ['text', 'json'],
  async run({ options, format, out }) {
    const dir = options.text('dir')
    if (dir === null)
      throw new AntemortemError('usage', 'which lab?', 'Name its directory: --dir DIR, as lab up printed it.', {
        exit: 2,
      })
    const { attachLab } = await import('../../lab/detached-lab.ts')
    const lab = attach(dir, attachLab)
    // It is removed with all that is in it: a copy must not take away what lies elsewhere.
    if (lab.dir !== realpathSync(dir))
      throw new AntemortemError(
        'lab-elsewhere',
        `what lies in ${dir} says that its lab is in ${lab.dir}`,
        'Name that directory, or remove this one by hand.',
      )
    await lab.close()
    if (format === 'json') out.json({ dir, down: true })
    else out.line(`down  ${dir}`)
  },
})

function attach(dir: string, attachLab: (dir: string) => Lab): Lab {
  try {
    const lab = attachLab(dir)
    if (typeof lab.dir === 'string' && Array.isArray(lab.nodes)) return lab
  } catch (error) {
    // Cut JSON, or JSON of another form.
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error
  }
  throw new AntemortemError(
    'lab-unreadable',
    `${dir}/lab.json is not what lab up wrote`,
    'End its servers and remove it by hand.',
  )
}
