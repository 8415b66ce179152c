package io.alldocs.examples.programs;

import io.alldocs.packument.PackumentResult;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import java.util.Map;

// region processor
/** Stores the licence of one package. Processes items of type "licence", whose id is the name of a package. */
final class LicenceProcessor implements Processor {
    @Override
    public String type() {
        return "licence";
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        PackumentResult packument = context.packuments().request(item.id());
        if (packument.entry().isEmpty()) {
            throw WorkException.permanent("There is no document: " + packument.outcome(), null);
        }
        Map<String, String> found =
                Map.of("licence", packument.json().path("license").asText("none"));
        context.cache().set("licence:" + packument.name(), found);
        return WorkResult.of(1, found);
    }
}
// endregion
