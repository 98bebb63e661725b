CREATE TABLE "lanes" (
	"name" text PRIMARY KEY NOT NULL,
	"state" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "presence" (
	"one" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"away_from" timestamp (3) with time zone,
	"away_until" timestamp (3) with time zone,
	CONSTRAINT "presence_one_row" CHECK ("presence"."one" = 1)
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "wake_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "telling" jsonb;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "buttons_until" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "conversations_buttons" ON "conversations" USING btree ("buttons_until") WHERE buttons_until is not null;