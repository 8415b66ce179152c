package io.alldocs.partition;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.PartitionCheckpoint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run has everything, and what proves it.
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
 * @param sequenceBefore position of the feed before the walk
 * @param sequenceAfter position that the feed was replayed to, null when it was not
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

    /** A builder for what a run learns. */
    public static Builder builder(String origin, Partition range) {
        throw new AssertionError("skeleton");
    }

    /** Whether nothing is missing. */
    public boolean complete() {
        return problems.isEmpty();
    }

    /** The report for a file. */
    public JsonNode toJson() {
        throw new AssertionError("skeleton");
    }

    /** Not thread-safe. */
    public static final class Builder {
        private Builder() {}

        /** Takes plan, states and sums from a checkpoint that requestAll filled. */
        public Builder walked(PartitionCheckpoint checkpoint) {
            throw new AssertionError("skeleton");
        }

        /** What the database said before the walk. */
        public Builder before(OriginInfo info) {
            throw new AssertionError("skeleton");
        }

        /** What the database said after the walk. */
        public Builder after(OriginInfo info) {
            throw new AssertionError("skeleton");
        }

        /** The replay from the sequence before the walk to the end. */
        public Builder replayed(ChangesSummary summary) {
            throw new AssertionError("skeleton");
        }

        /** Names that need an outcome (walked or listed, plus new in the feed), and how many have which. */
        public Builder outcomes(long namesExpected, Map<String, Long> byOutcome) {
            throw new AssertionError("skeleton");
        }

        /** Anything else that keeps the run from being complete. */
        public Builder problem(String words) {
            throw new AssertionError("skeleton");
        }

        /** Builds. */
        public CompletenessReport build() {
            throw new AssertionError("skeleton");
        }
    }
}
