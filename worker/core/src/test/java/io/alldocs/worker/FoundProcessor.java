package io.alldocs.worker;

/** A processor that ServiceLoader finds in these tests. */
public final class FoundProcessor implements Processor {
    static final String TYPE = "found";

    /** Created by ServiceLoader. */
    public FoundProcessor() {}

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        return WorkResult.done();
    }
}
