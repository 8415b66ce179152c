package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the report as JSON: the records' fields under their names, sizes in bytes, times as ISO 8601, unknown values
 * as null.
 */
final class SyncReportJson {
    private SyncReportJson() {}

    static ObjectNode of(SyncReport report) {
        ObjectNode json = object();
        json.put("schemaVersion", SyncReport.SCHEMA_VERSION);
        json.put("at", report.at().toString());
        json.put("status", report.status().name().toLowerCase(Locale.ROOT));
        json.set("job", job(report.job()));
        json.set("state", state(report.state()));
        json.put("names", report.names());
        report.outcomes().forEach(json.putObject("outcomes")::put);
        json.put("missing", report.missing());
        json.put("unwalked", report.unwalked());
        report.drifted().forEach(json.putArray("drifted")::add);
        stock(json, report.stock());
        json.set("origin", origin(report.origin()));
        json.set("repair", repair(report.repair()));
        ArrayNode parts = json.putArray("partitions");
        report.parts().forEach(part -> parts.add(part(part)));
        return json;
    }

    private static ObjectNode job(SyncJob job) {
        ObjectNode json = object();
        json.put("id", job.id());
        json.put("origin", job.origin().map(Object::toString).orElse(null));
        json.put("registry", job.registry().toString());
        json.put("form", job.form().label());
        json.put("names", job.what());
        return json;
    }

    static ObjectNode state(JobState state) {
        ObjectNode json = object();
        json.put("id", state.id()).put("job", state.what());
        json.set(
                "definition",
                state.definition() == null ? null : state.definition().as(JsonNode.class));
        json.put(
                "begun",
                state.begun().equals(Instant.EPOCH) ? null : state.begun().toString());
        json.put("finished", text(state.finished()));
        json.set("from", sequence(state.from()));
        json.set("position", sequence(state.position()));
        json.put("followed", text(state.followed()));
        json.put("owed", state.retries());
        json.put("stalePartitions", state.stale().size());
        state.givenUp().forEach(json.putObject("givenUp")::put);
        json.put("holder", state.holder());
        return json;
    }

    private static void stock(ObjectNode json, SyncReport.StoredDocuments stock) {
        json.put("documents", stock.documents()).put("bytes", stock.bytes());
        ArrayNode biggest = json.putArray("biggest");
        stock.biggest()
                .forEach(big -> biggest.addObject().put("name", big.name()).put("bytes", big.bytes()));
        ArrayNode sizes = json.putArray("sizes");
        stock.sizes()
                .forEach((size, count) -> sizes.addObject().put("from", size).put("documents", count));
        ArrayNode ages = json.putArray("ages");
        for (int i = 0; i < stock.ages().size(); i++) {
            boolean last = i == SyncReport.StoredDocuments.agesBelow().size();
            ages.addObject()
                    .put(
                            "belowSeconds",
                            last
                                    ? null
                                    : (Long) SyncReport.StoredDocuments.agesBelow()
                                            .get(i)
                                            .toSeconds())
                    .put("names", stock.ages().get(i));
        }
        json.put("arrivalStepSeconds", stock.arrivalStep().toSeconds());
        ArrayNode arrivals = json.putArray("arrivals");
        List<SyncReport.Arrival> steps = stock.arrivals();
        steps.forEach(
                step -> arrivals.addObject().put("from", step.from().toString()).put("documents", step.documents()));
    }

    private static @Nullable ObjectNode origin(SyncReport.@Nullable OriginView origin) {
        if (origin == null) {
            return null;
        }
        ObjectNode json = object();
        json.put("problem", origin.problem());
        json.set("sequence", sequence(origin.sequence()));
        json.put("documents", origin.documents());
        json.put("counted", origin.counted());
        SyncReport.FeedLag feed = origin.feed();
        if (feed == null) {
            return json.putNull("feed");
        }
        json.putObject("feed")
                .put("newEpoch", feed.newEpoch())
                .put("sequences", feed.sequences())
                .put("rows", feed.rows())
                .put("concerning", feed.concerning())
                .put("deletions", feed.deletions())
                .put("whole", feed.whole());
        return json;
    }

    private static @Nullable ObjectNode repair(@Nullable SyncResult repair) {
        if (repair == null) {
            return null;
        }
        return object().put("status", repair.status().name().toLowerCase(Locale.ROOT))
                .put("reason", repair.reason())
                .put("pages", repair.work().pages())
                .put("fetched", repair.work().fetched())
                .put("unchanged", repair.work().unchanged())
                .put("failed", repair.failed());
    }

    private static ObjectNode part(SyncReport.Part part) {
        ObjectNode json = object();
        json.put("range", part.range().toString()).put("walked", part.walked()).put("problem", part.problem());
        json.put("names", part.names()).put("first", part.first()).put("last", part.last());
        json.put("designDocuments", part.designDocuments());
        counts(json.putObject("outcomes"), part.outcomes());
        json.put("bytes", part.bytes()).put("atOrigin", part.atOrigin());
        json.put("drift", part.drift()).put("changed", part.changed()).put("stale", part.stale());
        return json;
    }

    private static void counts(ObjectNode json, Map<String, Long> counts) {
        counts.forEach(json::put);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static @Nullable JsonNode sequence(@Nullable Sequence sequence) {
        return sequence == null ? null : sequence.toJson().as(JsonNode.class);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
