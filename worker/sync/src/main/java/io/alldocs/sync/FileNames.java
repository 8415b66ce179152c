package io.alldocs.sync;

import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.List;

/** The names of a file, as one partition. */
final class FileNames implements NameSource {
    private final NameList file;

    FileNames(NameList file) {
        this.file = file;
    }

    @Override
    public List<Partition> partitions() {
        return List.of(Partition.all());
    }

    @Override
    public long size(int index) {
        return file.count();
    }

    @Override
    public Rows rows() {
        NameList.NameIterator names = file.names();
        return new Rows() {
            @Override
            public boolean hasNext() {
                return names.hasNext();
            }

            @Override
            public PartitionRow next() {
                return new PartitionRow(names.next(), null);
            }

            @Override
            public void close() {
                names.close();
            }
        };
    }
}
