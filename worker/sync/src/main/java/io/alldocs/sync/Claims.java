package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.IntegrityException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The records of the claims on one job: the holder of claim n, and its last heartbeat. An executor takes claim n+1 by a
 * conditional put once claim n has ended. The store keeps the records of the last claims without a gap; older ones are
 * deleted, the oldest first. Safe for concurrent use, by any processes.
 *
 * <p>Claim n is the last one if a record of n exists and none of n+1. A claim whose own record is missing has been
 * superseded.
 */
final class Claims {
    private final RecordStore records;
    private final String job;

    Claims(Cache checkpoints, String job) {
        this.records = new RecordStore(checkpoints);
        this.job = job;
    }

    String job() {
        return job;
    }

    Instant now() {
        return records.cache().clock().instant();
    }

    /**
     * Takes the next claim; does not wait.
     *
     * @return its number
     * @throws JobInUseException if another executor holds the job
     */
    long take(JobHolder holder) {
        long last = last();
        if (last > 0) {
            requireEnded(last);
        }
        long next = last + 1;
        if (!records.create(lockKey(next), holder.toJson(next))) {
            throw inUse(next);
        }
        long now = last();
        if (now != next
                || isTakenBySomebodyElse(next, holder)) { // others may have taken and ended claims since the first read
            throw inUse(now);
        }
        return next;
    }

    /**
     * Checks that no claim after {@code epoch} was taken. It reads the record of the next claim first. Claims are
     * deleted oldest first, so if the next record was deleted, this one was deleted too.
     *
     * @throws JobInUseException if one was taken
     */
    void requireLast(long epoch) {
        if (isOvertaken(epoch)) {
            throw inUse(last());
        }
    }

    /** Returns whether a claim after {@code epoch} was taken. */
    boolean isOvertaken(long epoch) {
        return records.has(lockKey(epoch + 1)) || !records.has(lockKey(epoch));
    }

    /**
     * Returns whether a process other than {@code holder} took the claim of the same number. This can happen in a store
     * without conditional puts.
     */
    boolean isTakenBySomebodyElse(long epoch, JobHolder holder) {
        return !records.cache().capabilities().conditionalPut()
                && holder(epoch).filter(other -> !other.equals(holder)).isPresent();
    }

    /**
     * Renews the heartbeat.
     *
     * @return the time of the new heartbeat
     */
    Instant renew(long epoch) {
        return write(epoch, false);
    }

    /** Ends a claim, so that the next executor need not wait. */
    void release(long epoch) {
        if (records.has(lockKey(epoch))) {
            write(epoch, true);
        }
    }

    private Instant write(long epoch, boolean released) {
        Instant now = now();
        ObjectNode beat = RecordStore.object().put("n", epoch).put("at", now.toString());
        records.write(beatKey(epoch), released ? beat.put("released", true) : beat);
        return now;
    }

    /**
     * Returns the number of the last claim; 0 if there is none. The search starts with the number in the job's header.
     */
    long last() {
        long last = recorded();
        if (last > 0 && !records.has(lockKey(last))) { // the header is older than the remaining records
            last = listed();
        }
        while (records.has(lockKey(last + 1))) {
            last++;
        }
        return last;
    }

    /** Returns the number in the job's header; a header of version 1 contains no claims. */
    private long recorded() {
        try {
            Optional<JsonNode> header = records.readIntact(JobRecords.HEADERS + job);
            boolean isDamaged = header.filter(json ->
                            json.path("version").asInt() != 1 && !json.path("n").isIntegralNumber())
                    .isPresent();
            return isDamaged
                    ? listed()
                    : header.map(json -> json.path("n").asLong()).orElse(0L);
        } catch (IntegrityException e) {
            return listed();
        }
    }

    /**
     * Finds the last claim by listing. A store without ordered keys lists all its keys for this. This is necessary only
     * if the header is damaged.
     */
    private long listed() {
        String prefix = lockKey("");
        try (Stream<String> keys = records.cache().keys(prefix)) {
            return keys.map(key -> key.substring(prefix.length()))
                    .filter(number -> number.matches("\\d{1,18}"))
                    .mapToLong(Long::parseLong)
                    .max()
                    .orElse(0);
        }
    }

    /**
     * Deletes the records of claims before the one in the job's header, because the search for the last claim starts
     * there. It deletes the heartbeat first, and older claims before newer ones, so that the remaining records have no
     * gap if the process crashes.
     */
    void deleteOld() {
        long newest = records.read(JobRecords.HEADERS + job)
                .map(header -> header.path("n").asLong())
                .orElse(0L);
        if (newest == 0 || !records.has(lockKey(newest))) {
            return;
        }
        Deque<Long> oldestFirst = new ArrayDeque<>();
        for (long old = newest - 1; old > 0 && records.has(lockKey(old)); old--) {
            oldestFirst.push(old);
        }
        for (long old : oldestFirst) {
            records.delete(beatKey(old));
            records.delete(lockKey(old));
        }
    }

    private void requireEnded(long last) {
        if (isHeld(last, holder(last))) {
            throw inUse(last);
        }
    }

    /** Returns the current holder of the job; empty if there is none, or if the record of the claim is damaged. */
    Optional<JobHolder> current() {
        long last = last();
        return last == 0 ? Optional.empty() : holder(last).filter(holder -> isHeld(last, Optional.of(holder)));
    }

    private boolean isHeld(long epoch, Optional<JobHolder> holder) {
        Optional<JsonNode> beat = records.read(beatKey(epoch));
        boolean released = beat.map(json -> json.path("released").asBoolean()).orElse(false);
        if (released || holder.filter(JobHolder::hasEnded).isPresent()) {
            return false;
        }
        Optional<Instant> renewed = beat.flatMap(Claims::renewed).or(() -> holder.map(JobHolder::since));
        Instant now = now();
        return renewed.map(time -> Duration.between(time, now).abs())
                .filter(age -> age.compareTo(JobOwner.EXPIRY) < 0)
                .isPresent();
    }

    /** Returns the time of the heartbeat; empty if it is damaged. */
    private static Optional<Instant> renewed(JsonNode beat) {
        try {
            return Optional.of(Instant.parse(beat.path("at").asText()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Returns the holder of a claim; empty if there is no such claim, or its record is damaged. */
    Optional<JobHolder> holder(long epoch) {
        try {
            return records.read(lockKey(epoch)).map(JobHolder::of);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    JobInUseException inUse(long epoch) {
        String holder = holder(epoch).map(JobHolder::toString).orElse("an unknown process");
        return new JobInUseException("Another run of this job is in progress: " + holder + ". Wait until it ends, or"
                + " stop it. Its claim is number " + epoch + " of job " + job + ".");
    }

    private String lockKey(Object epoch) {
        return "v1:lock:" + job + ':' + epoch;
    }

    private String beatKey(long epoch) {
        return "v1:beat:" + job + ':' + epoch;
    }
}
