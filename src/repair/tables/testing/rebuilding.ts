import type { JournalEntry, Plan } from '../../../core/plan.ts'
import type { Lab } from '../../../lab/lab.ts'
import { carryOut, resume } from '../../../plans/carry-out.ts'
import { undoOf } from '../../../plans/undo-of.ts'
import type { Store } from '../../../store/store.ts'
import { memoryStore } from '../../../store/testing/scratch.ts'
import { damageDoers } from '../../damage-doers.ts'
import { clusterOf } from '../../testing/situation.ts'
import { gatherRebuild } from '../gather.ts'
import { planRebuild, type Rebuild } from '../rebuild.ts'
import { tableReachOf } from '../reach.ts'

/** A table with all that hangs on tables: what is not carried over would show. */
export const loadedTable = `
  create table loaded (
    id bigint primary key generated always as identity,
    ref int references users (id) on delete cascade deferrable,
    boss bigint references loaded (id),
    serial_no serial,
    name varchar(40) collate "C" not null default 'nobody' check (name <> ''),
    amount numeric(10, 2), rate float8, body jsonb, tags text[], made timestamptz default now(),
    twice numeric generated always as (amount * 2) stored,
    constraint loaded_name_key unique (name, serial_no) deferrable,
    exclude using btree (serial_no with =)
  ) with (fillfactor = 80, autovacuum_enabled = false);
  create index loaded_body on loaded using gin (body);
  create unique index loaded_lower on loaded (lower(name), id) include (rate) where amount > 0;
  alter table loaded replica identity using index loaded_pkey;
  alter table loaded alter column name set statistics 321;
  alter table loaded alter column name set (n_distinct = 7);
  create statistics loaded_stats (ndistinct) on ref, name from loaded;
  create table child (id int primary key, loaded_id bigint not null references loaded (id));
  create view loaded_names with (security_barrier = true) as select l.id, l.name, u.name as of_user from loaded l join users u on u.id = l.ref;
  create view names_of_names as select name from loaded_names;
  create function note() returns trigger language plpgsql as $$ begin new.made := timestamptz '2001-01-01 00:00:00Z'; return new; end $$;
  create trigger loaded_note before update on loaded for each row execute function note();
  create trigger loaded_off before insert on loaded for each row execute function note();
  alter table loaded disable trigger loaded_off;
  create rule loaded_never as on delete to loaded where old.name = 'kept for ever' do instead nothing;
  alter table loaded enable row level security;
  create policy loaded_own on loaded for select to app using (amount >= 0);
  grant select, insert on loaded to app with grant option;
  grant update (name) on loaded to app;
  grant select on loaded to antemortem;
  comment on table loaded is 'with everything';
  comment on column loaded.rate is 'a rate';
  comment on trigger loaded_note on loaded is 'it notes';
  comment on index loaded_body is 'it finds';
  insert into loaded (ref, boss, name, amount, rate, body, tags)
    select n % 1000 + 1, null, 'name ' || n, n / 7.0, n / 3.0, jsonb_build_object('n', n), array['a', null, n::text]
    from generate_series(1, 5000) n;
  update loaded set boss = 1 where id between 2 and 50;
  insert into child select n, n from generate_series(1, 100) n;
  alter role antemortem bypassrls`

/** What the catalog says of a table, by names alone: the same before and after, whatever its oid. */
export const describe = `select json_build_object(
  'columns', (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
      pg_get_expr(d.adbin, d.adrelid), coalesce(a.attstattarget, -1), a.attoptions, a.attacl::text, col_description(a.attrelid, a.attnum)) order by a.attname)
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'constraints', (select json_agg(json_build_array(k.conname, k.contype, k.conrelid::regclass::text, pg_get_constraintdef(k.oid), obj_description(k.oid)) order by k.conname, k.conrelid::regclass::text)
    from pg_constraint k where k.conrelid = c.oid or k.confrelid = c.oid),
  'indexes', (select json_agg(json_build_array(pg_get_indexdef(i.indexrelid), i.indisreplident, x.reloptions, obj_description(x.oid)) order by x.relname)
    from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid),
  'triggers', (select json_agg(json_build_array(pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid)) order by t.tgname) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal),
  'rules', (select json_agg(json_build_array(pg_get_ruledef(r.oid), r.ev_enabled) order by r.rulename) from pg_rewrite r where r.ev_class = c.oid),
  'policies', (select json_agg(json_build_array(p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid), p.polroles::regrole[]::text) order by 1::text) from pg_policy p where p.polrelid = c.oid),
  'statistics', (select json_agg(pg_get_statisticsobjdef(s.oid)) from pg_statistic_ext s where s.stxrelid = c.oid),
  'publications', (select json_agg(json_build_array(p.pubname, pg_get_expr(r.prqual, r.prrelid), r.prattrs::text)) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where r.prrelid = c.oid),
  'sequences', (select json_agg(json_build_array(s.relname, d.deptype, d.refobjsubid > 0, s.relacl::text) order by s.relname) from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' where d.refobjid = c.oid and d.deptype in ('a', 'i')),
  'views', (select json_agg(json_build_array(v.relname, pg_get_viewdef(v.oid), v.reloptions) order by v.relname) from pg_class v where v.relkind = 'v' and v.relnamespace = c.relnamespace),
  'acl', (select json_agg(a::text order by a::text) from unnest(c.relacl) a), 'options', c.reloptions, 'owner', c.relowner::regrole, 'identity', c.relreplident, 'persistence', c.relpersistence,
  'security', json_build_array(c.relrowsecurity, c.relforcerowsecurity), 'comment', obj_description(c.oid))::text as is
  from pg_class c where c.oid = $1::regclass`

export interface Wishes extends Partial<Rebuild> {
  readonly id?: string
}

/** The plan for a table of this lab, from what its servers show; which rows differ the test says. */
export async function rebuildPlan(
  lab: Lab,
  table: string,
  { id = 'rebuild-1', ...wishes }: Wishes = {},
): Promise<Plan> {
  const signal = new AbortController().signal
  const name = { schema: 'public', table, primary: 'primary', donor: 'standby' }
  const seen = await gatherRebuild(tableReachOf(clusterOf(lab)), name, signal)
  return planRebuild(
    {
      cluster: 'auth',
      ...name,
      chosen: false,
      ...seen,
      known: { onlyHere: 0, otherwise: 0 },
      copies: [{ node: 'standby', subscription: null }],
      canAct: true,
      donorProblems: [],
      ...wishes,
    },
    { id, atMs: Date.now(), digest: (text) => `${text.length}` },
  )
}

/** Carries out plans of tables in one lab, with one store. */
export class Rebuilding implements AsyncDisposable {
  readonly store: Store
  readonly #lab: Lab

  private constructor(store: Store, lab: Lab) {
    this.store = store
    this.#lab = lab
  }

  static async in(lab: Lab): Promise<Rebuilding> {
    return new Rebuilding(await memoryStore(Date.now), lab)
  }

  async apply(plan: Plan): Promise<readonly JournalEntry[]> {
    return this.#collect(carryOut(plan, damageDoers(clusterOf(this.#lab)), { store: this.store, clock: Date.now }))
  }

  async resume(plan: Plan): Promise<readonly JournalEntry[]> {
    return this.#collect(resume(plan.id, damageDoers(clusterOf(this.#lab)), { store: this.store, clock: Date.now }))
  }

  async undo(plan: Plan): Promise<readonly JournalEntry[]> {
    return this.apply(undoOf(plan, await this.store.journal(plan.id)))
  }

  async #collect(entries: AsyncIterable<JournalEntry>): Promise<readonly JournalEntry[]> {
    const all: JournalEntry[] = []
    for await (const entry of entries) if (entry.phase !== 'begun') all.push(entry)
    return all
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
  }
}
