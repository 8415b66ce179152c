package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the report as JSON: the record's fields under their names, sizes in bytes, times as ISO 8601. */
final class SyncResultJson {
    private SyncResultJson() {}

    static ObjectNode of(SyncResult report) {
        ObjectNode json = RecordStore.object();
        json.put("schemaVersion", SyncResult.SCHEMA_VERSION);
        json.put("status", report.status().name().toLowerCase(Locale.ROOT));
        json.put("reason", report.reason());
        json.put("offline", report.offline());
        json.put("resumed", report.resumed());
        json.set("job", job(report.job()));
        json.put("names", report.names());
        json.set("outcomes", counts(report.outcomes()));
        json.put("missing", report.missing());
        json.put("failed", report.failed());
        json.put("foreign", report.foreign().names());
        report.failures().forEach(json.putObject("failures")::put);
        json.put("lagging", report.lagging());
        json.set("work", work(report.work()));
        json.set("feed", feed(report.feed()));
        json.set(
                "completeness",
                report.proof() == null ? null : report.proof().toJson().as(JsonNode.class));
        ArrayNode parts = json.putArray("partitions");
        report.parts().forEach(part -> parts.add(part(part)));
        return json;
    }

    private static ObjectNode job(SyncJob job) {
        ObjectNode json = RecordStore.object();
        json.put("id", job.id());
        json.put("origin", job.origin().map(Object::toString).orElse(null));
        json.put("registry", job.registry().toString());
        json.put("form", job.form().label());
        json.put("start", job.range().start().orElse(null));
        json.put("end", job.range().end().orElse(null));
        json.put("namesFrom", job.names().map(NameList::label).orElse(null));
        return json;
    }

    private static ObjectNode work(SyncResult.Work work) {
        ObjectNode json = RecordStore.object();
        json.put("elapsedMillis", work.elapsed().toMillis());
        json.put("pages", work.pages());
        json.put("fetched", work.fetched());
        json.put("unchanged", work.unchanged());
        json.put("hits", work.hits());
        json.put("requests", work.wire().requests());
        json.put("requestsPerSecond", Math.round(work.requestsPerSecond() * 10) / 10.0);
        json.put("throttled", work.wire().throttled());
        json.put("serverErrors", work.wire().serverErrors());
        json.put("broken", work.wire().broken());
        json.put("bytesReceived", work.wire().bytesReceived());
        json.put("bytesStored", work.bytesStored());
        return json;
    }

    private static @Nullable ObjectNode feed(SyncResult.@Nullable Feed feed) {
        if (feed == null) {
            return null;
        }
        ObjectNode json = RecordStore.object();
        json.set("from", sequence(feed.from()));
        json.set("to", sequence(feed.to()));
        Instant seen = feed.endSeenAt();
        json.put("endSeenAt", seen == null ? null : seen.toString());
        json.put("changes", feed.changes());
        json.put("concerning", feed.concerning());
        json.put("deletions", feed.deletions());
        json.put("resets", feed.resets());
        json.put("stalePartitions", feed.stalePartitions());
        return json;
    }

    private static @Nullable JsonNode sequence(@Nullable Sequence sequence) {
        return sequence == null ? null : sequence.toJson().as(JsonNode.class);
    }

    private static ObjectNode part(SyncResult.Part part) {
        ObjectNode json = RecordStore.object();
        json.put("range", part.range());
        json.put("walked", part.walked());
        json.put("names", part.names());
        json.put("fetched", part.fetched());
        json.set("outcomes", counts(part.outcomes()));
        return json;
    }

    private static ObjectNode counts(Map<String, Long> counts) {
        ObjectNode json = RecordStore.object();
        new TreeMap<>(counts).forEach(json::put);
        return json;
    }
}
