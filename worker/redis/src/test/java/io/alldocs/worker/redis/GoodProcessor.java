package io.alldocs.worker.redis;

import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor that ServiceLoader finds in these tests. It writes a file with the id of the item and of the process
 * that handled it.
 */
public final class GoodProcessor implements Processor {
    static final String TYPE = "good";
    static final String FOLDER = "GOOD_FOLDER";

    /** For ServiceLoader. */
    public GoodProcessor() {}

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        Path file = Path.of(context.env().require(FOLDER, "by the items"), item.id());
        try {
            Files.writeString(file, Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return WorkResult.done();
    }
}
