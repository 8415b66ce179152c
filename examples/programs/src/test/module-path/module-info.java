/** An application on the module path. */
module app {
    requires io.alldocs.packument;
    requires io.alldocs.partition;
}
