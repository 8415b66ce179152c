package io.alldocs.cli.bootstrap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.JsonTree;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.JobState;
import io.alldocs.sync.NameList;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A job that is stored in a cache, and the command line that identifies it.
 *
 * @param state the stored state of the job
 */
public record StoredJob(JobState state) {
    private static final String STANDARD_INPUT = "standard input";

    /** Characters that a POSIX shell reads as one word without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    /**
     * Returns all jobs of a cache.
     *
     * @throws UsageException if the store cannot be read
     */
    public static List<StoredJob> all(Cache checkpoints) {
        return UsageException.unlessUsable(() -> JobState.all(checkpoints)).stream()
                .map(StoredJob::new)
                .toList();
    }

    /** Returns a description of the job, or its identifier if an earlier version of the program stored it. */
    public String words() {
        return state.what().isEmpty() ? state.id() : state.what();
    }

    /**
     * Returns the command line that identifies this job.
     *
     * @param command name of the command, such as {@code report}
     * @return the command line; empty if an earlier version of the program wrote the job's records, and no run has
     *     completed the records since
     */
    public Optional<String> commandLine(String command, CacheOptions cache) {
        JsonNode definition = definition();
        if (definition == null) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>(List.of("all-docs", command));
        words.addAll(cache.arguments());
        add(words, "--origin", definition.path("origin").textValue());
        add(words, "--registry", definition.path("registry").textValue());
        if (definition.has("names")) {
            add(words, "--names", argument(definition.path("names").asText()));
        } else {
            addRange(words, jobOf(definition).range());
        }
        SyncForm form = jobOf(definition).form();
        if (form != SyncForm.FULL) {
            words.add(form == SyncForm.NAMES ? "--names-only" : "--abbreviated");
        }
        definition.path("allow").forEach(pattern -> add(words, "--allow", pattern.asText()));
        definition.path("deny").forEach(pattern -> add(words, "--deny", pattern.asText()));
        return Optional.of(line(words));
    }

    /** Returns the words as one line for a POSIX shell, with quotes where they are needed. */
    public static String line(List<String> words) {
        return String.join(" ", words.stream().map(StoredJob::quoted).toList());
    }

    private static void add(List<String> words, String option, @Nullable String value) {
        if (value != null) {
            words.add(option);
            words.add(value);
        }
    }

    private static void addRange(List<String> words, Partition range) {
        Optional<String> prefix = range.start()
                .filter(start -> KeyRange.of(null, null, start).end().equals(range.end()));
        if (prefix.isPresent()) {
            add(words, "--prefix", prefix.get());
        } else {
            add(words, "--start", range.start().orElse(null));
            add(words, "--end", range.end().orElse(null));
        }
    }

    private static String argument(String label) {
        return label.equals(STANDARD_INPUT) ? "-" : label;
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Returns the job without its names. */
    private static SyncJob jobOf(JsonNode definition) {
        ObjectNode plain = definition.deepCopy();
        plain.remove("names");
        return SyncJob.of(JsonTree.of(plain));
    }

    /**
     * Returns the job that the records describe. Reads its file of names again, if there is one.
     *
     * @param deletions replaces the stored policy unless empty
     * @throws UsageException if the records do not describe the job, or its file of names cannot be read or has
     *     changed. A changed file describes another job
     */
    SyncJob job(JobOptions options, Optional<DeletionPolicy> deletions) {
        JsonNode definition = definition();
        UsageException.refuse(
                definition == null,
                "The only job here, " + words()
                        + ", was written by an earlier version of this program, which did not store the options."
                        + " Pass --origin, --registry and the options of its bootstrap");
        SyncJob plain = jobOf(Objects.requireNonNull(definition));
        SyncJob job = new SyncJob(
                definition.path("origin").isTextual() ? plain.origin() : Optional.empty(),
                plain.registry(),
                plain.form(),
                plain.range(),
                names(definition, options),
                filter(definition, plain, options),
                deletions.orElse(plain.deletions()));
        UsageException.refuse(
                !job.id().equals(state.id()),
                "The file " + definition.path("names").asText()
                        + " has changed since the job began, so it describes another job; run bootstrap with it first");
        return job;
    }

    /** Returns {@code described} with the stored filter and policy, except where the options set them. */
    SyncJob completed(SyncJob described, JobOptions options, Optional<DeletionPolicy> deletions) {
        JsonNode definition = definition();
        if (definition == null) {
            return described;
        }
        SyncJob plain = jobOf(definition);
        return new SyncJob(
                described.origin(),
                described.registry(),
                described.form(),
                described.range(),
                described.names(),
                filter(definition, plain, options),
                deletions.orElse(plain.deletions()));
    }

    private static Optional<NameList> names(JsonNode definition, JobOptions options) {
        String label = definition.path("names").asText();
        UsageException.refuse(
                label.equals(STANDARD_INPUT),
                "The job read its names from standard input; pass them again with --names -");
        return label.isEmpty() ? Optional.empty() : Optional.of(options.nameList(label));
    }

    /**
     * Returns the filter of the options, or the stored filter if they have none. The filter is not part of the job's
     * identity.
     */
    private static NameFilter filter(JsonNode definition, SyncJob plain, JobOptions options) {
        if (options.filter().areGiven()) {
            return options.filter().filter();
        }
        UsageException.refuse(
                definition.has("patterns"),
                "The job here has " + definition.path("patterns").asInt()
                        + " patterns, too many to be stored; pass them again with --allow-file or --deny-file");
        return plain.filter();
    }

    private @Nullable JsonNode definition() {
        JsonTree stored = state.definition();
        return stored == null ? null : stored.as(JsonNode.class);
    }

    /** Returns whether the given options match this job. */
    boolean isMeantBy(JobOptions options) {
        JsonNode definition = definition();
        if (definition == null) {
            return !options.nameAJob();
        }
        return options.mayMean(
                jobOf(definition),
                definition.path("names").asText(),
                definition.path("origin").isTextual());
    }
}
