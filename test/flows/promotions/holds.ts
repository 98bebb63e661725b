import postgres from 'postgres'

/**
 * Where a promotion is held. `after`: what the step does is done, and the next step is never written (the database refuses as if it were away).
 * `at`: the step is being written and stays so until the process is dead; then it is written, and nothing of it was done.
 */
export type HoldKind = 'after' | 'at'

/** Triggers in a database that stop promotions at named steps, so that a process dies exactly there. */
export interface Holds {
  /** Holds an app's promotion at a step: `rolling_out apply`, `queued`. */
  hold(kind: HoldKind, app: string, step: string): Promise<void>
  /** True once it stands there. */
  isHeld(app: string): Promise<boolean>
  /** Lets everything go on; what the dead process was committing is committed when this returns. */
  release(): Promise<void>
  close(): Promise<void>
}

/** Any number: the key of the lock behind which commits wait. */
const lock = 4_711

const install = `
create table holds (app text, kind text, step text);
create function place(status text, step text) returns text language sql immutable as $$ select trim(status || ' ' || coalesce(step, '')) $$;
-- A sequence keeps its number when the transaction is undone: that is how it is known that the promotion stands there.
create function stand(app text) returns void language plpgsql as $$ begin perform nextval('held_' || replace(app, '-', '_')); end $$;
create function hold_after() returns trigger language plpgsql as $$ begin
  if place(new.status, new.step) <> place(old.status, old.step)
    and exists (select 1 from holds where app = new.app and kind = 'after' and step = place(old.status, old.step)) then
    perform stand(new.app);
    raise exception 'held' using errcode = '57P03';
  end if;
  return new;
end $$;
create trigger hold_after before update on promotions for each row execute function hold_after();
create function hold_at() returns trigger language plpgsql as $$ begin
  if exists (select 1 from holds where app = new.app and kind = 'at' and step = place(new.status, new.step))
    and (tg_op = 'INSERT' or place(new.status, new.step) <> place(old.status, old.step)) then
    perform stand(new.app);
    perform pg_advisory_xact_lock_shared(${lock});
  end if;
  return null;
end $$;
create constraint trigger hold_at after insert or update on promotions deferrable initially deferred for each row execute function hold_at();
`

/** Installs the triggers; nothing is held yet. */
export const openHolds = async (url: string): Promise<Holds> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, max_lifetime: null })
  await sql.unsafe(install)
  let locked = false
  const sequence = (app: string): string => `held_${app.replaceAll('-', '_')}`
  return {
    hold: async (kind, app, step) => {
      if (kind === 'at' && !locked) {
        await sql`select pg_advisory_lock(${lock})`
        locked = true
      }
      await sql.unsafe(`create sequence if not exists ${sequence(app)}`)
      await sql`insert into holds values (${app}, ${kind}, ${step})`
    },
    isHeld: async (app) => (await sql.unsafe(`select is_called from ${sequence(app)}`))[0]?.['is_called'] === true,
    release: async () => {
      const held = await sql`delete from holds returning app`
      if (locked) await sql`select pg_advisory_unlock(${lock})`
      locked = false
      // Postgres notices a dead client only when it answers it: its commit comes first.
      for (;;) {
        const [row] = await sql`select count(*)::int as busy from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`
        if (row?.['busy'] === 0) break
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      for (const { app } of held) await sql.unsafe(`drop sequence ${sequence(String(app))}`)
    },
    close: () => sql.end({ timeout: 1 }),
  }
}
