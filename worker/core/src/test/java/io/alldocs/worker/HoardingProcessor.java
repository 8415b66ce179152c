package io.alldocs.worker;

import java.util.ArrayList;
import java.util.List;

/**
 * A processor that ServiceLoader finds in these tests: it fills the heap of the worker that processes its items, and
 * never frees it.
 */
public final class HoardingProcessor implements Processor {
    static final String TYPE = "hoard";

    /** Created by ServiceLoader. */
    public HoardingProcessor() {}

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        List<byte[]> hoard = new ArrayList<>();
        while (hoard.size() < Integer.MAX_VALUE) {
            hoard.add(new byte[100_000]);
        }
        return WorkResult.of(hoard.size());
    }
}
