package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The header of a job's records: which job it is, and its baseline. Immutable.
 *
 * @param version of the records
 * @param what the job in words; empty when an earlier version wrote the header
 * @param definition the job as {@link SyncJob#definition} writes it; null when an earlier version wrote the header
 * @param run identity of the baseline; empty when the job never began
 * @param baseline when the baseline began: only what is validated later counts as current by its age
 * @param kind why the baseline was begun
 * @param begun whether the checkpoints know of the baseline
 * @param from where the feed stood before the names were listed; null without a feed
 * @param finishedAt when a run came to its end; null while none has
 * @param filter fingerprint of the filter of names
 */
record JobHeader(
        int version,
        String what,
        @Nullable JsonNode definition,
        String run,
        Instant baseline,
        Kind kind,
        boolean begun,
        @Nullable Sequence from,
        @Nullable Instant finishedAt,
        String filter) {

    /** Version 1 was one record with everything in it; programs that know only that refuse this one. */
    static final int VERSION = 2;

    /** Of a job that never began. */
    static final JobHeader NONE =
            new JobHeader(VERSION, "", null, "", Instant.EPOCH, Kind.FIRST, false, null, null, "");

    /** Why a baseline was begun. */
    enum Kind {
        /** Nothing was stored: what other jobs stored is used when its revision is right. */
        FIRST,
        /** Everything is fetched again, whatever is stored. */
        RELOAD,
        /** The feed was reset: what is stored is compared by revision. */
        RECONCILE
    }

    /**
     * The header that {@link #toJson} wrote.
     *
     * @throws StateFormatException when a newer version of this library wrote it
     * @throws IllegalArgumentException when a field is damaged, as {@link java.time.DateTimeException} for a time
     */
    static JobHeader of(JsonNode json) {
        if (!json.path("version").isInt() || json.path("version").asInt() < 1) {
            throw new IllegalArgumentException("It has no version.");
        }
        int version = json.path("version").asInt();
        if (version > VERSION) {
            throw new StateFormatException("The cache contains records of this job in version " + version
                    + "; this program reads versions 1 to " + VERSION
                    + ". Use the program that wrote them, or another cache.");
        }
        return new JobHeader(
                version,
                json.path("job").asText(),
                json.path("definition").isObject() ? json.path("definition") : null,
                json.path("run").asText(),
                Instant.parse(json.path("baseline").asText()),
                Kind.valueOf(json.path("kind").asText()),
                json.path("begun").asBoolean(),
                Progress.sequence(json.path("from")),
                Progress.instant(json.path("finishedAt")),
                json.path("filter").asText());
    }

    /** In the present version. */
    ObjectNode toJson() {
        ObjectNode json = RecordStore.object();
        json.put("version", VERSION).put("job", what).put("baseline", baseline.toString());
        json.put("kind", kind.name()).put("begun", begun).put("finishedAt", RecordStore.text(finishedAt));
        json.set("from", from == null ? null : from.toJson());
        json.put("filter", filter);
        json.set("definition", definition);
        return json;
    }

    /** Whether the job ever began. */
    boolean exists() {
        return !run.isEmpty();
    }

    /** Whether an earlier version wrote it. */
    boolean isOfEarlierVersion() {
        return version < VERSION;
    }

    JobHeader ofThisVersion() {
        return new JobHeader(VERSION, what, definition, run, baseline, kind, begun, from, finishedAt, filter);
    }

    JobHeader describing(SyncJob job) {
        return new JobHeader(
                version, job.label(), job.definition(), run, baseline, kind, begun, from, finishedAt, filter);
    }

    /** The same job with a new baseline. */
    JobHeader beginning(String newRun, Instant now, Kind why, @Nullable Sequence position, String newFilter) {
        return new JobHeader(VERSION, what, definition, newRun, now, why, false, position, null, newFilter);
    }

    JobHeader withBaseline(Instant value) {
        return new JobHeader(version, what, definition, run, value, kind, begun, from, finishedAt, filter);
    }

    JobHeader withBegun() {
        return new JobHeader(version, what, definition, run, baseline, kind, true, from, finishedAt, filter);
    }

    JobHeader withFinishedAt(@Nullable Instant value) {
        return new JobHeader(version, what, definition, run, baseline, kind, begun, from, value, filter);
    }
}
