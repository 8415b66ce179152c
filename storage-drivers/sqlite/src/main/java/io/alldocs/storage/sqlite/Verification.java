package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One verify of a file: checks its structure and every body, removes bodies without an entry, and returns free space to
 * the disk.
 */
final class Verification {
    private static final int MAX_PROBLEMS = 1_000;
    private static final int ORPHANS_AT_A_TIME = 1_000;

    /** Pages freed per transaction. Other writers wait no longer than for a group of puts. */
    private static final int PAGES_AT_A_TIME = 1_000;

    private enum Verdict {
        GONE,
        WHOLE,
        DAMAGED,
        MISSING,
        REJECTED
    }

    /** @param problem empty if there is none */
    private record Finding(String key, Verdict verdict, long sizeBytes, String problem) {}

    private final Connections connections;
    private final Database database;
    private final VerifyOptions options;
    private final Instant youngAfter;
    private final List<String> problems = new ArrayList<>();
    private boolean structureIsWhole = true;
    private long total;
    private long whole;
    private long damaged;
    private long missing;
    private long rejected;
    private long reclaimed;
    private long reclaimedBytes;
    private long keptBytes;

    Verification(Connections connections, VerifyOptions options, Clock clock) {
        this.connections = connections;
        this.database = connections.database();
        this.options = options;
        this.youngAfter = clock.instant().minus(options.youngerThan());
    }

    VerifyReport run() {
        long start = System.nanoTime();
        connections.maintain("check the structure of", this::checkStructure);
        examineEntries();
        if (structureIsWhole) {
            reclaimOrphans();
            if (options.repair()) {
                connections.maintain("release the free disk space of", Verification::giveFreePagesBack);
            }
        }
        return new VerifyReport(
                total,
                whole,
                damaged,
                missing,
                rejected,
                reclaimed,
                reclaimedBytes,
                keptBytes,
                problems,
                Duration.ofNanos(System.nanoTime() - start));
    }

    // ---- structure

    /** Checks the structure. SQLite stops at a hundred errors. */
    private void checkStructure(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA quick_check")) {
            while (row.next()) {
                String found = row.getString(1);
                if (!found.equals("ok")) {
                    reject(found);
                }
            }
        } catch (SQLException e) {
            if (!Failures.isDamage(e)) {
                throw e;
            }
            reject(String.valueOf(e.getMessage()));
        }
    }

    private void reject(String problem) {
        structureIsWhole = false;
        rejected++;
        problem(database + " is damaged beyond repair: " + problem);
    }

    // ---- entries

    private void examineEntries() {
        try {
            BoundedRun.<String, Finding>run(
                    () -> new KeyWalk(connections, "", null),
                    options.concurrency(),
                    options.executor(),
                    this::examine,
                    finding -> EntrySource.HIT,
                    this::record,
                    (key, error) -> {},
                    error -> true);
        } catch (StorageException e) {
            if (!Failures.isDamage(e)) {
                throw e;
            }
            reject(String.valueOf(e.getMessage()));
        }
    }

    private Finding examine(String key) {
        Optional<Row> row;
        try {
            row = connections.read("verify", key, reader -> reader.find(key));
        } catch (StorageException e) {
            if (!Failures.isDamage(e)) {
                throw e;
            }
            return new Finding(key, Verdict.DAMAGED, 0, "its pages in the file are damaged");
        }
        if (row.isEmpty()) {
            return new Finding(key, Verdict.GONE, 0, "");
        }
        try (Body body =
                row.get().body() == null ? Body.of(new byte[0]) : row.get().body()) {
            EntryMetadata head = Row.parse(key, row.get().head(), database);
            return row.get().body() == null
                    ? repair(row.get(), head, Verdict.MISSING, 0, "its body is missing")
                    : examine(row.get(), head, body);
        } catch (IntegrityException e) {
            // No writer stores such a head even briefly, so its age does not matter.
            remove(row.get());
            return new Finding(key, Verdict.REJECTED, 0, "its head is damaged");
        }
    }

    private Finding examine(Row row, EntryMetadata head, Body body) {
        try {
            return head.describes(body)
                    ? new Finding(row.key(), Verdict.WHOLE, body.sizeBytes(), "")
                    : repair(
                            row,
                            head,
                            Verdict.DAMAGED,
                            body.sizeBytes(),
                            "its body does not match its recorded size or digest");
        } catch (IOException e) {
            throw Failures.of("verify " + Failures.shown(row.key()) + " in the cache " + database, e);
        }
    }

    private Finding repair(Row row, EntryMetadata head, Verdict verdict, long sizeBytes, String problem) {
        boolean young = !options.youngerThan().isZero() && head.validatedAt().isAfter(youngAfter);
        if (!young) {
            remove(row);
        }
        return new Finding(
                row.key(),
                verdict,
                sizeBytes,
                problem + (options.repair() && young ? " (not repaired: too recent)" : ""));
    }

    private void remove(Row row) {
        if (options.repair()) {
            connections.change("remove", row.key(), commits -> commits.commit(0, writer -> writer.delete(row)));
        }
    }

    /** Records a finding. Called by one thread at a time. */
    private void record(Finding finding) {
        if (finding.verdict() == Verdict.GONE) {
            return;
        }
        total++;
        switch (finding.verdict()) {
            case WHOLE -> {
                whole++;
                keptBytes += finding.sizeBytes();
            }
            case MISSING -> missing++;
            case REJECTED -> rejected++;
            default -> damaged++;
        }
        if (finding.verdict() != Verdict.WHOLE) {
            problem(Failures.shown(finding.key()) + ": " + finding.problem());
        }
    }

    private void problem(String problem) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(problem);
        }
    }

    // ---- what belongs to no entry

    /** Removes bodies without an entry. Ids are never reused, so no later entry can refer to them. */
    private void reclaimOrphans() {
        long after = Long.MIN_VALUE;
        List<Reader.Orphan> orphans = orphans(after);
        while (!orphans.isEmpty()) {
            reclaimed += orphans.size();
            reclaimedBytes +=
                    orphans.stream().mapToLong(Reader.Orphan::sizeBytes).sum();
            if (options.repair()) {
                remove(orphans);
            }
            orphans = orphans(orphans.get(orphans.size() - 1).id());
        }
    }

    private List<Reader.Orphan> orphans(long after) {
        return connections.read(
                "look for bodies", "without an entry", reader -> reader.orphans(after, ORPHANS_AT_A_TIME));
    }

    private void remove(List<Reader.Orphan> orphans) {
        connections.change(
                "remove bodies",
                "without an entry",
                commits -> commits.commit(0, writer -> {
                    for (Reader.Orphan orphan : orphans) {
                        writer.deleteBody(orphan.id());
                    }
                    return true;
                }));
    }

    // ---- free space

    private static void giveFreePagesBack(Connection connection) throws SQLException {
        long left = Schema.number(connection, "PRAGMA freelist_count");
        boolean more = left > 0;
        while (more) {
            try (Statement statement = connection.createStatement()) {
                // Not execute(): it would run only one step, which frees one page.
                statement.executeUpdate("PRAGMA incremental_vacuum(" + PAGES_AT_A_TIME + ")");
            }
            long now = Schema.number(connection, "PRAGMA freelist_count");
            more = now > 0 && now < left;
            left = now;
        }
        // The file shrinks only when the log is checkpointed.
        Schema.number(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
