CREATE TABLE "app_params" (
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "app_params_rack_app_name_pk" PRIMARY KEY("rack","app","name")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"promotion_id" text NOT NULL,
	"digest" text NOT NULL,
	"person" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approvals_promotion_id_digest_person_pk" PRIMARY KEY("promotion_id","digest","person")
);
--> statement-breakpoint
CREATE TABLE "apps" (
	"rack" text NOT NULL,
	"name" text NOT NULL,
	"namespace" text NOT NULL,
	"namespace_uid" text,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleting_at" timestamp (3) with time zone,
	CONSTRAINT "apps_rack_name_pk" PRIMARY KEY("rack","name")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"rack" text NOT NULL,
	"app" text,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"promotion_id" text,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "builds" (
	"id" text PRIMARY KEY NOT NULL,
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"description" text NOT NULL,
	"manifest" text NOT NULL,
	"images" jsonb NOT NULL,
	"git_sha" text,
	"message" text,
	"created_by" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "builds_id_form" CHECK ("builds"."id" ~ '^B[A-Z]{9,10}$')
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"promotion_id" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"card_ts" text,
	"card_rev" integer DEFAULT 0 NOT NULL,
	"card_hash" text,
	"card_state" text DEFAULT 'none' NOT NULL,
	"card_at" timestamp (3) with time zone,
	"continues" boolean DEFAULT false NOT NULL,
	"dirty" boolean DEFAULT true NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"epoch" integer DEFAULT 0 NOT NULL,
	"why" text
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"payload" text NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "good_releases" (
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"release_id" text NOT NULL,
	"promotion_id" text NOT NULL,
	"verified_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "good_releases_rack_app_pk" PRIMARY KEY("rack","app")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"one" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"id" text NOT NULL,
	"schema_major" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "installation_one_row" CHECK ("installation"."one" = 1)
);
--> statement-breakpoint
CREATE TABLE "inventories" (
	"promotion_id" text PRIMARY KEY NOT NULL,
	"objects" jsonb NOT NULL,
	"written_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"promotion_id" text NOT NULL,
	"seq" integer NOT NULL,
	"kind" text NOT NULL,
	"fact" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"not_before" timestamp (3) with time zone,
	"ts" text,
	"why" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_promotion_id_seq_pk" PRIMARY KEY("promotion_id","seq")
);
--> statement-breakpoint
CREATE TABLE "promotion_steps" (
	"promotion_id" text NOT NULL,
	"step" text NOT NULL,
	"epoch" integer NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "promotion_steps_promotion_id_step_epoch_pk" PRIMARY KEY("promotion_id","step","epoch")
);
--> statement-breakpoint
CREATE TABLE "promotions" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "promotions_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"rev" integer DEFAULT 1 NOT NULL,
	"facts" integer DEFAULT 0 NOT NULL,
	"release_id" text NOT NULL,
	"from_release_id" text,
	"target_release_id" text,
	"target_promotion_id" text,
	"requester" text NOT NULL,
	"channel" text,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"approvals_needed" integer NOT NULL,
	"waived" text,
	"approvers" jsonb NOT NULL,
	"digest" text NOT NULL,
	"digest_key_id" text NOT NULL,
	"digest_parts" jsonb NOT NULL,
	"deadline_seconds" integer NOT NULL,
	"stability_seconds" integer NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"queued_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"step" text,
	"state" jsonb,
	"progress" jsonb,
	"change" jsonb NOT NULL,
	"warnings" jsonb NOT NULL,
	"cause" jsonb,
	"other_causes" jsonb,
	"rollback_cause" jsonb,
	"logs" jsonb,
	"ended_by" text,
	"ended_reason" text,
	"cancel_by" text,
	"cancel_at" timestamp (3) with time zone,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"epoch" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "promotions_id_form" CHECK ("promotions"."id" ~ '^P[A-Z]{10}$'),
	CONSTRAINT "promotions_end_has_time" CHECK (("promotions"."finished_at" is not null) = ("promotions"."status" not in ('awaiting_approval', 'queued', 'rolling_out', 'rolling_back'))),
	CONSTRAINT "promotions_move_has_start" CHECK ("promotions"."status" not in ('rolling_out', 'rolling_back', 'succeeded', 'rolled_back', 'rollback_failed') or "promotions"."started_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "questions" (
	"id" text PRIMARY KEY NOT NULL,
	"command" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "releases_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"build_id" text,
	"env" text NOT NULL,
	"description" text NOT NULL,
	"origin" text NOT NULL,
	"from_build" text,
	"from_env" text,
	"rollback_of" text,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "releases_id_form" CHECK ("releases"."id" ~ '^R[A-Z]{9,10}$')
);
--> statement-breakpoint
ALTER TABLE "app_params" ADD CONSTRAINT "app_params_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "good_releases" ADD CONSTRAINT "good_releases_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "good_releases" ADD CONSTRAINT "good_releases_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "good_releases" ADD CONSTRAINT "good_releases_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventories" ADD CONSTRAINT "inventories_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promotion_steps" ADD CONSTRAINT "promotion_steps_promotion_id_promotions_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "public"."promotions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_from_release_id_releases_id_fk" FOREIGN KEY ("from_release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_target_release_id_releases_id_fk" FOREIGN KEY ("target_release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "app_params_value" ON "app_params" USING btree ("name","value");--> statement-breakpoint
CREATE UNIQUE INDEX "apps_namespace" ON "apps" USING btree ("rack","namespace");--> statement-breakpoint
CREATE INDEX "audit_newest" ON "audit" USING btree ("rack","app","id");--> statement-breakpoint
CREATE INDEX "builds_newest" ON "builds" USING btree ("rack","app","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_dirty" ON "conversations" USING btree ("lease_until") WHERE dirty;--> statement-breakpoint
CREATE INDEX "deliveries_open" ON "deliveries" USING btree ("received_at") WHERE handled_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_one_notice" ON "outbox" USING btree ("promotion_id") WHERE kind = 'notice';--> statement-breakpoint
CREATE INDEX "outbox_open" ON "outbox" USING btree ("promotion_id") WHERE state in ('pending', 'sending', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX "promotions_one_moving" ON "promotions" USING btree ("rack","app") WHERE status in ('rolling_out', 'rolling_back');--> statement-breakpoint
CREATE INDEX "promotions_newest" ON "promotions" USING btree ("rack","app","seq");--> statement-breakpoint
CREATE INDEX "promotions_open" ON "promotions" USING btree ("rack","status") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "promotions_release" ON "promotions" USING btree ("release_id","seq");--> statement-breakpoint
CREATE INDEX "releases_newest" ON "releases" USING btree ("rack","app","seq");