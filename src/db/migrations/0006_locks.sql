CREATE TABLE "app_announcements" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app_announcements_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"channel" text NOT NULL,
	"fact" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"not_before" timestamp (3) with time zone,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"epoch" integer DEFAULT 0 NOT NULL,
	"ts" text,
	"why" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "app_locks" (
	"rack" text NOT NULL,
	"app" text NOT NULL,
	"owner" text NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone,
	CONSTRAINT "app_locks_rack_app_pk" PRIMARY KEY("rack","app")
);
--> statement-breakpoint
CREATE TABLE "freezes" (
	"id" text PRIMARY KEY NOT NULL,
	"rack" text NOT NULL,
	"app" text,
	"cron" text NOT NULL,
	"seconds" integer NOT NULL,
	"zone" text NOT NULL,
	"reason" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "freezes_id_form" CHECK ("freezes"."id" ~ '^F[A-Z]{10}$')
);
--> statement-breakpoint
ALTER TABLE "promotions" ADD COLUMN "held" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "promotions" ADD COLUMN "waits" jsonb;--> statement-breakpoint
ALTER TABLE "promotions" ADD COLUMN "override_by" text;--> statement-breakpoint
ALTER TABLE "promotions" ADD COLUMN "override_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "promotions" ADD COLUMN "override_digest" text;--> statement-breakpoint
ALTER TABLE "app_announcements" ADD CONSTRAINT "app_announcements_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_locks" ADD CONSTRAINT "app_locks_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freezes" ADD CONSTRAINT "freezes_app" FOREIGN KEY ("rack","app") REFERENCES "public"."apps"("rack","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "app_announcements_open" ON "app_announcements" USING btree ("rack","channel","id") WHERE state in ('pending', 'sending', 'unknown');--> statement-breakpoint
CREATE INDEX "freezes_of_rack" ON "freezes" USING btree ("rack","app");