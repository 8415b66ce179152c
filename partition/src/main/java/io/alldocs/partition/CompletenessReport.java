package io.alldocs.partition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
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
 * Reports whether a run is complete, and the evidence. A run is complete if all of these conditions hold:
 *
 * <ul>
 *   <li>the ranges are adjacent, without gaps or overlaps
 *   <li>every walk reached its end
 *   <li>the feed was replayed from the sequence before the walk
 *   <li>every name has an outcome
 * </ul>
 *
 * <p>The report also contains the database's own document count for comparison. It is not a condition, because it
 * changes during the walk.
 *
 * @param origin URL of the database
 * @param range key range that was requested
 * @param partitions number of partitions in the plan
 * @param completePartitions number of partitions whose walk reached its end
 * @param pages number of pages stored
 * @param names number of names in those pages
 * @param designDocuments number of {@code _design/…} documents in those pages
 * @param docCountBefore number of documents that the database reported before the walk; null if not requested
 * @param docCountAfter number of documents that the database reported after the walk; null if not requested
 * @param sequenceBefore position of the feed before the walk; null if not requested
 * @param sequenceAfter position up to which the feed was replayed; null if it was not replayed
 * @param changes number of changes in the replay
 * @param outcomes number of names per outcome; empty if only names were requested
 * @param problems reasons why the run is not complete, as text; empty if it is complete
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

    /** Detail in the record of a complete partition: number of names. */
    static final String ROWS = "rows";

    /** Detail in the record of a complete partition: number of design documents. */
    static final String DESIGN_DOCUMENTS = "designDocuments";

    /** Detail in the record of a complete partition: number of pages. */
    static final String PAGES = "pages";

    private static final int PROBLEMS_SHOWN = 100;

    /** Copies the map, in the order of its keys, and the list. */
    public CompletenessReport {
        outcomes = Collections.unmodifiableMap(new TreeMap<>(outcomes));
        problems = List.copyOf(problems);
    }

    /**
     * Returns a builder that collects the results of a run.
     *
     * @param origin URL without credentials, such as {@link PartitionClient#origin()}
     * @param range key range that was requested
     */
    public static Builder builder(String origin, Partition range) {
        return new Builder(origin, range);
    }

    /** Returns whether nothing is missing. */
    public boolean complete() {
        return problems.isEmpty();
    }

    /**
     * Returns the number of documents found minus the number that the database reported before the walk. Empty for a
     * part of the key space, or without a count.
     */
    public OptionalLong drift() {
        return docCountBefore == null || !range.equals(Partition.all())
                ? OptionalLong.empty()
                : OptionalLong.of(names + designDocuments - docCountBefore);
    }

    /**
     * Returns the report as a JSON object for a file. Fields have the names of the record components; {@code complete}
     * comes first.
     */
    public JsonTree toJson() {
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
        json.set("sequenceBefore", sequenceBefore == null ? null : sequenceBefore.node());
        json.set("sequenceAfter", sequenceAfter == null ? null : sequenceAfter.node());
        json.put("changes", changes);
        json.set("outcomes", Json.MAPPER.valueToTree(outcomes));
        json.set("problems", Json.MAPPER.valueToTree(problems));
        return JsonTree.of(json);
    }

    /**
     * Collects the results of a run. A result that was never provided becomes a problem in the report. Not thread-safe.
     */
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
         * Adds the plan, states, totals and the sequence before the walk. They come from a checkpoint that
         * {@link PartitionClient#requestAll(PartitionCheckpoint, io.alldocs.cache.RequestOptions,
         * java.util.function.Consumer, java.util.function.BiConsumer)} filled.
         */
        public Builder walked(PartitionCheckpoint checkpoint) {
            PartitionCheckpoint.Header header = checkpoint
                    .header()
                    .orElseThrow(() -> new IllegalStateException(
                            "The checkpoint has no header. Call recordPartitions with the plan first."));
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

        /** Adds the database's information from before the walk. The checkpoint's own sequence takes precedence. */
        public Builder before(OriginInfo info) {
            before = info;
            if (sequenceBefore == null) {
                sequenceBefore = info.updateSeq();
            }
            return this;
        }

        /** Adds the database's information from after the walk. */
        public Builder after(OriginInfo info) {
            after = info;
            return this;
        }

        /** Adds the replay of the feed from the sequence before the walk. */
        public Builder replayed(ChangesSummary summary) {
            replayed = summary;
            return this;
        }

        /**
         * Adds the number of names per outcome.
         *
         * @param expected number of names that need an outcome: those walked or listed, and those that the feed added
         * @param byOutcome number of names per outcome; a total below {@code expected} is a problem
         */
        public Builder outcomes(long expected, Map<String, Long> byOutcome) {
            outcomes = Map.copyOf(byOutcome);
            long found = byOutcome.values().stream().mapToLong(Long::longValue).sum();
            if (found < expected) {
                problem((expected - found) + " of " + expected + " names have no outcome.");
            }
            return this;
        }

        /** Adds another reason why the run is not complete, as text. */
        public Builder problem(String words) {
            problems.add(words);
            return this;
        }

        /** Returns the report. It lists the first 100 problems; one more entry counts the rest. */
        public CompletenessReport build() {
            List<String> found = new ArrayList<>(problems);
            if (partitions == 0) {
                found.add("No partition was walked.");
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
