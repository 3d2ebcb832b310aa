"""Sales performance workbench: CRM data in; true numbers, reports and what-if dashboards out."""
