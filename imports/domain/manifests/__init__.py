"""Objects as YAML or JSON become a graph: parameters, patches, edges by true references."""
