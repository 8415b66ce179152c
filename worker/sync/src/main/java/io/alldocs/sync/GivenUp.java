package io.alldocs.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The record of the items that the executor of a job has given up, with the reasons: a queue's dead letters. Safe for
 * concurrent use.
 */
final class GivenUp {
    private final JobRecords records;
    private final String key;

    GivenUp(JobRecords records) {
        this.records = records;
        this.key = "v1:sync:" + records.job() + ":given-up";
    }

    /** Replaces the record; deletes it if there is nothing to record. */
    void record(Map<String, String> reasons) {
        if (reasons.isEmpty()) {
            records.store().delete(key);
            return;
        }
        ObjectNode json = RecordStore.object();
        ObjectNode items = json.putObject("items");
        reasons.forEach(items::put);
        records.write(key, json);
    }

    /** Returns the reasons by item; empty if there are none. */
    Map<String, String> read() {
        Map<String, String> reasons = new LinkedHashMap<>();
        records.recorded(key)
                .ifPresent(json -> json.path("items")
                        .properties()
                        .forEach(each ->
                                reasons.put(each.getKey(), each.getValue().asText())));
        return reasons;
    }
}
