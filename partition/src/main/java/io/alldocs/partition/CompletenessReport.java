package io.alldocs.partition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Record;
import io.alldocs.cache.PartitionCheckpoint.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run has everything, and what proves it: the ranges meet without gap or overlap, every walk ended properly, the feed was replayed from the
 * sequence before the walk, every name has an outcome. The database's own count is shown beside, as a check for the eye: it drifts while one walks.
 *
 * @param origin address of the database
 * @param range the key range that was asked for
 * @param partitions partitions of the plan
 * @param completePartitions those of them whose walk ended properly
 * @param pages pages stored
 * @param names names in them
 * @param designDocuments {@code _design/…} documents in them
 * @param docCountBefore documents in the database before the walk, as it said; null when not asked
 * @param docCountAfter the same after the walk
 * @param sequenceBefore position of the feed before the walk; null when not asked
 * @param sequenceAfter position that the feed was replayed to; null when it was not
 * @param changes changes that the replay brought
 * @param outcomes names by outcome; empty when only names were asked for
 * @param problems what keeps the run from being complete, in words; empty when it is
 */
public record CompletenessReport(
        String origin,
        Partition range,
        long partitions,
        long completePartitions,
        long pages,
        long names,
        long designDocuments,
        @Nullable Long docCountBefore,
        @Nullable Long docCountAfter,
        @Nullable Sequence sequenceBefore,
        @Nullable Sequence sequenceAfter,
        long changes,
        Map<String, Long> outcomes,
        List<String> problems) {

    /** Detail of a complete partition's record: names. */
    static final String ROWS = "rows";

    /** Detail of a complete partition's record. */
    static final String DESIGN_DOCUMENTS = "designDocuments";

    /** Detail of a complete partition's record. */
    static final String PAGES = "pages";

    private static final int PROBLEMS_SHOWN = 100;

    /** Copies map (in the order of its keys) and list. */
    public CompletenessReport {
        outcomes = Collections.unmodifiableMap(new TreeMap<>(outcomes));
        problems = List.copyOf(problems);
    }

    /**
     * A report to fill with what a run learns.
     *
     * @param origin address without credentials, as {@link PartitionClient#origin()} gives it
     * @param range what was asked for
     */
    public static Builder builder(String origin, Partition range) {
        return new Builder(origin, range);
    }

    /** Whether nothing is missing. */
    public boolean complete() {
        return problems.isEmpty();
    }

    /** Documents found less those that the database counted before the walk; empty for a part of the key space or without a count. */
    public OptionalLong drift() {
        return docCountBefore == null || !range.equals(Partition.all())
                ? OptionalLong.empty()
                : OptionalLong.of(names + designDocuments - docCountBefore);
    }

    /** The report as an object for a file; fields are named as here, with {@code complete} first. */
    public JsonNode toJson() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("complete", complete()).put("origin", origin);
        json.putObject("range").put("startKey", range.startOrNull()).put("endKey", range.endOrNull());
        json.put("partitions", partitions)
                .put("completePartitions", completePartitions)
                .put("pages", pages)
                .put("names", names)
                .put("designDocuments", designDocuments)
                .put("docCountBefore", docCountBefore)
                .put("docCountAfter", docCountAfter);
        drift().ifPresent(drift -> json.put("drift", drift));
        json.set("sequenceBefore", sequenceBefore == null ? null : sequenceBefore.toJson());
        json.set("sequenceAfter", sequenceAfter == null ? null : sequenceAfter.toJson());
        json.put("changes", changes);
        json.set("outcomes", Json.MAPPER.valueToTree(outcomes));
        json.set("problems", Json.MAPPER.valueToTree(problems));
        return json;
    }

    /** Gathers what a run learns; what was never learnt is a problem of the report. Not thread-safe. */
    public static final class Builder {
        private final String origin;
        private final Partition range;
        private final List<String> problems = new ArrayList<>();
        private long partitions;
        private long completePartitions;
        private long pages;
        private long names;
        private long designDocuments;
        private @Nullable OriginInfo before;
        private @Nullable OriginInfo after;
        private @Nullable Sequence sequenceBefore;
        private @Nullable ChangesSummary replayed;
        private Map<String, Long> outcomes = Map.of();

        private Builder(String origin, Partition range) {
            this.origin = origin;
            this.range = range;
        }

        /**
         * Takes plan, states, sums and the sequence before the walk from a checkpoint that {@link PartitionClient#requestAll(PartitionCheckpoint,
         * io.alldocs.cache.RequestOptions, java.util.function.Consumer, java.util.function.BiConsumer)} filled.
         */
        public Builder walked(PartitionCheckpoint checkpoint) {
            PartitionCheckpoint.Header header = checkpoint
                    .header()
                    .orElseThrow(() -> new IllegalStateException("The checkpoint has no header: nothing was planned."));
            List<Partition> plan =
                    header.partitions().stream().map(Partition::of).toList();
            requireCover(plan);
            for (int index = 0; index < plan.size(); index++) {
                add(plan.get(index), checkpoint.record(index));
            }
            if (header.sequence() != null) {
                sequenceBefore = Sequence.of(header.sequence());
            }
            return this;
        }

        private void requireCover(List<Partition> plan) {
            try {
                Partition covered = PartitionSet.of(plan).range();
                if (!covered.equals(range)) {
                    problem("The partitions cover " + covered + ", not " + range + ".");
                }
            } catch (IllegalArgumentException e) {
                problem(String.valueOf(e.getMessage()));
            }
        }

        private void add(Partition partition, Record walk) {
            partitions++;
            if (walk.state() == State.COMPLETE) {
                completePartitions++;
                names += number(walk, ROWS);
                designDocuments += number(walk, DESIGN_DOCUMENTS);
                pages += number(walk, PAGES);
            } else {
                problem("Partition " + partition + " is " + (walk.state() == State.FAILED ? "failed" : "not finished")
                        + ".");
            }
        }

        private static long number(Record walk, String detail) {
            return walk.details().get(detail) instanceof Number number ? number.longValue() : 0;
        }

        /** What the database said before the walk; a checkpoint's own sequence is preferred. */
        public Builder before(OriginInfo info) {
            before = info;
            if (sequenceBefore == null) {
                sequenceBefore = info.updateSeq();
            }
            return this;
        }

        /** What the database said after the walk. */
        public Builder after(OriginInfo info) {
            after = info;
            return this;
        }

        /** The replay of the feed from the sequence before the walk. */
        public Builder replayed(ChangesSummary summary) {
            replayed = summary;
            return this;
        }

        /**
         * How many names ended in which outcome.
         *
         * @param expected names that need one: those walked or listed, and those that the feed added
         * @param byOutcome names by outcome; fewer than expected is a problem
         */
        public Builder outcomes(long expected, Map<String, Long> byOutcome) {
            outcomes = Map.copyOf(byOutcome);
            long found = byOutcome.values().stream().mapToLong(Long::longValue).sum();
            if (found < expected) {
                problem((expected - found) + " of " + expected + " names have no outcome.");
            }
            return this;
        }

        /** Anything else that keeps the run from being complete, in words. */
        public Builder problem(String words) {
            problems.add(words);
            return this;
        }

        /** The report; what keeps it from being complete beyond the first 100 problems is counted in one more. */
        public CompletenessReport build() {
            List<String> found = new ArrayList<>(problems);
            if (partitions == 0) {
                found.add("Nothing was walked.");
            }
            checkFeed(found);
            return new CompletenessReport(
                    origin,
                    range,
                    partitions,
                    completePartitions,
                    pages,
                    names,
                    designDocuments,
                    before == null ? null : before.docCount(),
                    after == null ? null : after.docCount(),
                    sequenceBefore,
                    replayed == null ? null : replayed.last(),
                    replayed == null ? 0 : replayed.changes(),
                    outcomes,
                    shortened(found));
        }

        private void checkFeed(List<String> found) {
            if (sequenceBefore == null) {
                found.add("The feed's sequence was not read before the walk.");
            } else if (replayed == null) {
                found.add("The feed was not replayed from sequence " + sequenceBefore + ".");
            } else if (sequenceBefore.isBefore(replayed.since())) {
                found.add("The feed was replayed from " + replayed.since() + ", after the walk's sequence "
                        + sequenceBefore + ".");
            }
        }

        private static List<String> shortened(List<String> all) {
            if (all.size() <= PROBLEMS_SHOWN) {
                return all;
            }
            List<String> shown = new ArrayList<>(all.subList(0, PROBLEMS_SHOWN));
            shown.add("And " + (all.size() - PROBLEMS_SHOWN) + " more.");
            return shown;
        }
    }
}
