ALTER TABLE "promotions" ADD COLUMN "deadline_asked" integer;--> statement-breakpoint
ALTER TABLE "releases" ADD COLUMN "delivery" text;--> statement-breakpoint
CREATE UNIQUE INDEX "releases_one_per_delivery" ON "releases" USING btree ("delivery") WHERE delivery is not null;--> statement-breakpoint
-- What waits now was asked for with the deadline it has.
UPDATE "promotions" SET "deadline_asked" = "deadline_seconds" WHERE "finished_at" IS NULL;
