package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The header of a job's records: the job's identity and its baseline. Immutable.
 *
 * @param version of the records
 * @param what a description of the job; empty if an earlier version wrote the header
 * @param definition the job as {@link SyncJob#definition} writes it; null if an earlier version wrote the header
 * @param run identity of the baseline; empty if the job never began
 * @param baseline when the baseline began; only entries that are validated later count as current by their age
 * @param kind why the baseline was begun
 * @param begun whether the checkpoints belong to this baseline
 * @param from the sequence of the feed before the names were listed; null without a feed
 * @param finishedAt when a run finished; null if none has
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

    /** Version 1 stored everything in one record; programs that support only version 1 refuse this version. */
    static final int VERSION = 2;

    /** The header of a job that never began. */
    static final JobHeader NONE =
            new JobHeader(VERSION, "", null, "", Instant.EPOCH, Kind.FIRST, false, null, null, "");

    /** Why a baseline was begun. */
    enum Kind {
        /** Nothing was stored; entries that other jobs stored are used if their revision is current. */
        FIRST,
        /** Everything is fetched again, regardless of what is stored. */
        RELOAD,
        /** The feed was reset; stored entries are compared by revision. */
        RECONCILE
    }

    /**
     * Returns the header that {@link #toJson} wrote.
     *
     * @throws StateFormatException if a newer version of this library wrote it
     * @throws IllegalArgumentException if a field is damaged; a {@link java.time.DateTimeException} for a time
     */
    static JobHeader of(JsonNode json) {
        if (!json.path("version").isInt() || json.path("version").asInt() < 1) {
            throw new IllegalArgumentException("The header has no version.");
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
                RecordStore.sequence(json.path("from")),
                RecordStore.instant(json.path("finishedAt")),
                json.path("filter").asText());
    }

    /** Returns the header as JSON in the current version. */
    ObjectNode toJson() {
        ObjectNode json = RecordStore.object();
        json.put("version", VERSION).put("job", what).put("baseline", baseline.toString());
        json.put("kind", kind.name()).put("begun", begun).put("finishedAt", RecordStore.text(finishedAt));
        json.set("from", from == null ? null : from.toJson().as(JsonNode.class));
        json.put("filter", filter);
        json.set("definition", definition);
        return json;
    }

    /** Returns whether the job ever began. */
    boolean exists() {
        return !run.isEmpty();
    }

    /** Returns whether an earlier version wrote the header. */
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

    /** Returns the header of the same job with a new baseline. */
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
