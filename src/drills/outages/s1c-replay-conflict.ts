import { subject } from '../../core/subject.ts'
import { reportRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'
import { withoutFeedback } from '../standby.ts'

/** The standby no longer waits for its readers, while the primary vacuums: reads that take their time are cancelled. */
const drill: Drill = {
  id: 's1c',
  title: 'Logins are cancelled on the standby: the replay does not wait for them',
  kind: 'variant',
  serving: ['standby'],
  ...noOriginal,
  act(scene) {
    const { primary, standby } = scene.names
    const changed = subject.setting(standby, 'max_standby_streaming_delay')
    return {
      setup: withoutFeedback(standby),
      release: reportRelease(scene),
      trigger: [
        {
          do: 'repeat',
          node: primary,
          // Right after one another: what a vacuum removes is then still seen by a read on the standby.
          texts: ['update orders set amount = amount where id between 1 and 200', 'vacuum orders'],
          everyMs: 200,
          application: 'nightly',
        },
        { do: 'conf', node: standby, settings: { max_standby_streaming_delay: '0' } },
        { do: 'reload', node: standby },
      ],
      truth: {
        cause: 'replication/replay-conflict',
        subject: changed,
        trigger: changed,
        symptom: { codes: ['40001'], min: 0.05 },
      },
    }
  },
}
export default drill
