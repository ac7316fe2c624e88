import { subject } from '../../core/subject.ts'
import { sameRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** A nightly job locks the users and forgets to go, a second after a deployment that changes nothing. */
const drill: Drill = {
  id: 'd5',
  title: 'Logins hang just after a deployment: a forgotten transaction holds a lock',
  kind: 'look-alike',
  ...noOriginal,
  act({ names, release }) {
    const { primary, usersTable } = names
    return {
      trigger: [
        { do: 'release', release: sameRelease(release) },
        { do: 'wait', ms: 1000 },
        {
          do: 'hold',
          node: primary,
          text: `lock table ${usersTable} in access exclusive mode`,
          application: 'nightly',
        },
      ],
      truth: {
        cause: 'contention/lock',
        subject: subject.table(primary, 'public', usersTable),
        trigger: null,
        symptom: { min: 0.3 },
      },
    }
  },
}
export default drill
